using System.Diagnostics;
using WhiteCross.Bench.Queue;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Bench.Operate;

/// <summary>Jobs that come at a rate, however long each takes.</summary>
internal sealed class Flow : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly BenchApp _adder;
    private readonly int _rate;
    private readonly Task _work;
    private long _since;
    private int _before;
    private int _added;

    private Flow(BenchApp adder, int rate, CancellationToken cancellationToken)
    {
        (_adder, _rate) = (adder, rate);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _work = AddAsync(_end.Token);
    }

    /// <summary>Jobs that were added in a second, since it began to flow.</summary>
    public double PerSecond => (_added - _before) / Stopwatch.GetElapsedTime(_since).TotalSeconds;

    public static Flow Start(BenchApp adder, int rate, CancellationToken cancellationToken) => new(adder, rate, cancellationToken);

    /// <summary>Waits until jobs come through, and counts from then on.</summary>
    public async Task IsFlowingAsync()
    {
        var before = await Backlog.CompletedAsync(_adder.Store);
        while (await Backlog.CompletedAsync(_adder.Store) < before + (2 * _rate))
        {
            await Task.Delay(50, _end.Token);
        }

        (_since, _before) = (Stopwatch.GetTimestamp(), _added);
    }

    /// <summary>Stops it and waits until all of its jobs have run.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _work;
        await Backlog.IsEmptyAsync(_adder.Store);
    }

    public void Dispose() => _end.Dispose();

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var called = 0;
        var running = new List<Task>();
        while (!cancellationToken.IsCancellationRequested)
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(begun).TotalSeconds * _rate); called < due; called++)
            {
                running.Add(AddOneAsync());
            }

            running.RemoveAll(task => task.IsCompletedSuccessfully);
            await Task.Delay(2, CancellationToken.None);
        }

        await Task.WhenAll(running);
    }

    private async Task AddOneAsync()
    {
        await _adder.Publisher.AddAsync(BenchApp.Queue, Backlog.NewJob(), CancellationToken.None);
        Interlocked.Increment(ref _added);
    }
}
