using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>The gathering of events into transactions, over an index that fails as told.</summary>
public sealed class IndexWriterTests : IAsyncLifetime
{
    private const int Size = 8;
    private readonly ScriptedIndex _index = new();
    private readonly FakeTimeProvider _time = new(); // Stands still: what a test writes at once is gathered, however slow the machine is.
    private readonly IndexWriter _writer;

    public IndexWriterTests() => _writer = new IndexWriter(
        _index, Options.Create(new IndexingOptions { MaxBatch = Size, GatherMilliseconds = 1000 }), _time, NullLogger<IndexWriter>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _writer.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await _writer.StopAsync(CancellationToken.None);
        _writer.Dispose();
    }

    [Fact]
    public async Task Concurrent_events__share_a_transaction__and_each_hears_of_its_own()
    {
        var events = Enumerable.Range(0, Size).Select(i => Some.Event($"{i}")).ToArray();
        _index.Unchanged.Add(events[3].MessageId);

        var effects = await Task.WhenAll(events.Select(happened => _writer.WriteAsync(happened, Token)));

        Assert.Equal([Size], _index.Batches);
        Assert.Equal(events.Select((_, i) => i == 3 ? IndexEffect.None : IndexEffect.Written), effects);
    }

    [Fact]
    public async Task More_than_a_transaction_takes__goes_into_the_next()
    {
        await GatheredAsync(Task.WhenAll(Enumerable.Range(0, (2 * Size) + 1).Select(i => _writer.WriteAsync(Some.Event($"{i}"), Token))));

        Assert.Equal([Size, Size, 1], _index.Batches);
    }

    [Fact]
    public async Task One_bad_event__harms_no_other()
    {
        var events = Enumerable.Range(0, Size).Select(i => Some.Event($"{i}")).ToArray();
        _index.Bad.Add(events[5].MessageId);

        var writes = events.Select(happened => _writer.WriteAsync(happened, Token)).ToArray();
        await Task.WhenAll(writes).ContinueWith(_ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);

        Assert.Equal(Enumerable.Range(0, Size).Select(i => i != 5), writes.Select(write => write.IsCompletedSuccessfully));
        Assert.IsType<FormatException>(writes[5].Exception?.InnerException);
        Assert.Equal(events.Where((_, i) => i != 5), _index.Written);
        Assert.Equal(IndexEffect.Written, await GatheredAsync(_writer.WriteAsync(Some.Event("after"), Token)));
    }

    [Fact]
    public async Task Database_is_away__all_hear_of_it__without_a_try_for_each()
    {
        _index.IsAway = true;

        var writes = Enumerable.Range(0, Size).Select(i => _writer.WriteAsync(Some.Event($"{i}"), Token)).ToArray();
        foreach (var write in writes)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => write);
        }

        Assert.Equal([Size], _index.Batches);
    }

    [Fact]
    public async Task Stopping__writes_what_waits__and_takes_no_more()
    {
        var writes = Enumerable.Range(0, 3).Select(i => _writer.WriteAsync(Some.Event($"{i}"), Token)).ToArray();
        await _writer.StopAsync(Token);

        Assert.All(await Task.WhenAll(writes), effect => Assert.Equal(IndexEffect.Written, effect));
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => _writer.WriteAsync(Some.Event("late"), Token));
    }

    [Fact]
    public async Task Who_gave_up_waiting__is_left_out()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var given = _writer.WriteAsync(Some.Event("given up"), giveUp.Token);
        await giveUp.CancelAsync();
        var others = Enumerable.Range(1, Size - 1).Select(i => _writer.WriteAsync(Some.Event($"{i}"), Token)).ToArray();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await Task.WhenAll(others);
        Assert.Equal([Size - 1], _index.Batches);
    }

    /// <summary>Lets the time of gathering pass.</summary>
    private async Task<T> GatheredAsync<T>(Task<T> writing)
    {
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return writing.IsCompleted;
        });
        return await writing;
    }

    private sealed class ScriptedIndex : IMessageIndex
    {
        public ConcurrentBag<Guid> Unchanged { get; } = [];

        public ConcurrentBag<Guid> Bad { get; } = [];

        public bool IsAway { get; set; }

        public ConcurrentQueue<int> Batches { get; } = new();

        public ConcurrentQueue<IndexEvent> Written { get; } = new();

        public Task<IReadOnlyList<IndexEffect>> ApplyAsync(IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken)
        {
            Batches.Enqueue(events.Count);
            if (IsAway)
            {
                throw new TimeoutException("The database is away.");
            }

            if (events.Any(happened => Bad.Contains(happened.MessageId)))
            {
                throw new FormatException("One is bad.");
            }

            foreach (var happened in events)
            {
                Written.Enqueue(happened);
            }

            return Task.FromResult<IReadOnlyList<IndexEffect>>(
                [.. events.Select(happened => Unchanged.Contains(happened.MessageId) ? IndexEffect.None : IndexEffect.Written)]);
        }

        public Task<IReadOnlyList<IndexedMessage>> FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> ListAsync(Guid after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public bool MayBeOneEvents(Exception exception) => exception is FormatException;

        public Task UpgradeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken) => Task.FromResult(new SearchPage([], false));
    }
}
