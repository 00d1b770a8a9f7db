using System.Diagnostics;
using System.Threading.Channels;

namespace WhiteCross.Bench.Operate;

/// <summary>
/// What an open page asks of the gateway: the stream of changes, and what the overview shows again after a change, as often as the page does it; where a
/// list is open beside it, that each second. It looks at nothing that it gets, as a browser on another machine would be no load here.
/// </summary>
internal sealed class Dashboard : IAsyncDisposable
{
    // As in Pages/app.js.
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Queue = ["metrics", "history", "jobs?limit=50&data=false"];
    private static readonly string[] Overview = ["queue/metrics", "queue/health", "queue/history", "queue/workers", "queue/health/history?limit=10"];

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _end;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<double> _eventGaps = [];
    private readonly List<double> _updateGaps = [];
    private readonly Task _work;

    private Dashboard(Uri gateway, string? listQueue, CancellationToken cancellationToken)
    {
        _client = new HttpClient { BaseAddress = gateway };
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _work = Task.WhenAll(WatchAsync(), UpdateAsync(), listQueue is null ? Task.CompletedTask : ListAsync(listQueue));
    }

    /// <summary>Milliseconds from one piece of the stream to the next.</summary>
    public IEnumerable<double> EventGaps => _eventGaps;

    /// <summary>Milliseconds from one update of the overview to the next.</summary>
    public IEnumerable<double> UpdateGaps => _updateGaps;

    public static Dashboard Open(Uri gateway, string? listQueue, CancellationToken cancellationToken) => new(gateway, listQueue, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _client.Dispose();
        _end.Dispose();
    }

    private Task WatchAsync() => UntilEndAsync(async token =>
    {
        await using var stream = await _client.GetStreamAsync(new Uri("queue/events", UriKind.Relative), token);
        var buffer = new byte[64 * 1024];
        var last = 0L;
        while (await stream.ReadAsync(buffer, token) > 0)
        {
            last = Note(_eventGaps, last);
            _changes.Writer.TryWrite(true);
        }

        throw new InvalidOperationException("The gateway ended the stream of changes.");
    });

    private Task UpdateAsync() => UntilEndAsync(async token =>
    {
        var last = 0L;
        while (await _changes.Reader.WaitToReadAsync(token))
        {
            await Task.Delay(Soon, token);
            _changes.Reader.TryRead(out _);
            var begun = Stopwatch.GetTimestamp();
            await Task.WhenAll(Overview.Select(path => GetAsync(path, token)));
            last = Note(_updateGaps, last);
            var rest = AtMostEvery - Soon - Stopwatch.GetElapsedTime(begun);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, token);
        }
    });

    private Task ListAsync(string queue) => UntilEndAsync(async token =>
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            await Task.WhenAll(Queue.Select(path => GetAsync($"queue/{queue}/{path}", token)));
        }
        while (await timer.WaitForNextTickAsync(token));
    });

    private async Task GetAsync(string path, CancellationToken cancellationToken)
    {
        // Health answers 503 with a report when it is bad: that is an answer.
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (!answer.IsSuccessStatusCode && !path.EndsWith("health", StringComparison.Ordinal))
        {
            throw new HttpRequestException($"{path} was answered {(int)answer.StatusCode}.");
        }
    }

    private async Task UntilEndAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The page is closed.
        }
    }

    private static long Note(List<double> gaps, long last)
    {
        if (last > 0)
        {
            gaps.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
        }

        return Stopwatch.GetTimestamp();
    }
}
