using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Testing;

namespace WhiteCross.MessageCleanup.Tests;

/// <summary>The handler over many attempts, against an owner whose messages are numbers.</summary>
public sealed class ResumingTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 7, 8, 9, 10, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Now);
    private readonly NumberedOwner _owner = new();
    private readonly JobReports _reports = new();

    [Fact]
    public async Task Process_dies_between_a_batch_and_its_record__the_next_attempt_goes_on_and_removes_nothing_else()
    {
        _owner.Fill(10);
        _reports.LosesOnce("batches 3");
        await Assert.ThrowsAsync<IOException>(() => RunAsync(new() { BatchSize = 2 }));
        Assert.Equal(4, _owner.Left);

        var outcome = await RunAsync(new() { BatchSize = 2 });

        // The third batch is gone and unaccounted for: what comes behind it is the fourth.
        var result = ResultOf(outcome);
        Assert.Equal((8, 4), (result.Deleted, result.Batches));
        Assert.Equal((0, 1), (_owner.Left, _owner.Counts));
        Assert.Equal(_owner.All, _owner.Forgotten);
    }

    [Fact]
    public async Task Retention__is_90_days_by_default__and_the_first_attempts_limit_stays()
    {
        _owner.Fill(4);
        _reports.LosesOnce("batches 2");
        await Assert.ThrowsAsync<IOException>(() => RunAsync(new() { BatchSize = 1 }));
        _time.Advance(TimeSpan.FromDays(3));

        var result = ResultOf(await RunAsync(new() { BatchSize = 1 }));

        Assert.Equal(Now.AddDays(-90), result.OlderThan);
        Assert.Equal([Now.AddDays(-90)], _owner.Limits.Distinct());
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", 30, "olderThan:")]
    [InlineData("9999-01-01T00:00:00Z", null, "olderThan:")]
    [InlineData("now", null, "olderThan:")]
    public async Task Limit_that_is_doubled_or_in_the_future_or_too_young__is_refused_and_nothing_is_asked(string olderThan, int? days, string field)
    {
        _owner.Fill(3);
        var limit = olderThan == "now" ? Now.AddMinutes(-5) : DateTimeOffset.Parse(olderThan, System.Globalization.CultureInfo.InvariantCulture);

        var outcome = await RunAsync(new() { OlderThan = limit, RetentionDays = days });

        Assert.StartsWith(field, Assert.IsType<JobOutcome.Fail>(outcome).Reason, StringComparison.Ordinal);
        Assert.Empty(_owner.Limits);
    }

    [Fact]
    public async Task Longer_than_one_run_may_take__goes_on_in_another_without_an_attempt()
    {
        _owner.Fill(5);
        _owner.OnRemove = () => _time.Advance(TimeSpan.FromSeconds(6));
        var (runs, outcome) = (0, default(JobOutcome));
        do
        {
            outcome = await RunAsync(new() { BatchSize = 1 }, runSeconds: 10);
            runs++;
        }
        while (outcome is JobOutcome.Snooze);

        Assert.Equal((3, 5, 5), (runs, ResultOf(outcome).Deleted, ResultOf(outcome).Batches));
    }

    [Fact]
    public async Task More_batches_than_a_job_may_have_steps__share_steps()
    {
        _owner.Fill(1201);

        var result = ResultOf(await RunAsync(new() { BatchSize = 1 }));

        Assert.Equal((1201, 1201, 0), (result.Deleted, result.Batches, _owner.Left));
        Assert.InRange(_reports.Steps.Count, 2, 1000);
    }

    [Fact]
    public async Task Progress__rises_batch_by_batch()
    {
        _owner.Fill(4);

        await RunAsync(new() { BatchSize = 2 });

        Assert.Equal(
            [(0, "count", null, null), (50, "remove", 1, 2), (99, "remove", 2, 2), (100, "done", 2, 2)],
            _reports.Progress.Select(progress => (progress.Percentage, progress.Step, progress.CurrentStep, progress.TotalSteps)));
    }

    [Fact]
    public async Task Arrives_between_the_look_and_the_removal__is_forgotten_too()
    {
        _owner.Fill(3);
        _owner.OnLook = () => _owner.Fill(1);

        await RunAsync(new() { BatchSize = 10 });

        Assert.Equal(4, _owner.Forgotten.Count);
        Assert.Equal(_owner.All, _owner.Forgotten);
    }

    [Fact]
    public async Task Cancelled__ends_with_the_batch_that_has_begun__which_is_accounted_for()
    {
        _owner.Fill(10);
        using var cancellation = new CancellationTokenSource();
        _owner.OnRemove = () =>
        {
            if (_owner.Left == 6)
            {
                cancellation.Cancel();
            }
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(new() { BatchSize = 2 }, cancellation: cancellation));
        Assert.Equal(6, _owner.Left);
        _owner.OnRemove = null;

        var result = ResultOf(await RunAsync(new() { BatchSize = 2 }));

        Assert.Equal((10, 5), (result.Deleted, result.Batches));
    }

    [Theory]
    [InlineData("Cleanup:RunSeconds", "0")]
    [InlineData("Cleanup:CallSeconds", "601")]
    public void Wrong_setting__is_said_at_start(string name, string value)
    {
        var exception = Assert.Throws<OptionsValidationException>(() =>
            MessageCleanupApp.Create(["--urls", "http://127.0.0.1:0"], builder => builder.Configuration[name] = value));

        Assert.Contains(name.Split(':')[1], exception.Message, StringComparison.Ordinal);
    }

    private static CleanupResult ResultOf(JobOutcome? outcome) => Assert.IsType<CleanupResult>(Assert.IsType<JobOutcome.Completed>(outcome).Result);

    private Task<JobOutcome> RunAsync(CleanupMessagesJob data, int runSeconds = 300, CancellationTokenSource? cancellation = null)
    {
        var handler = new RetentionCleanup(_owner, _owner, Options.Create(new CleanupOptions { RunSeconds = runSeconds }), _time);
        return new TestJob<CleanupMessagesJob>(data with { CleanupType = CleanupType.OldMessages }, _reports) { CreatedAt = Now }.RunAsync(
            handler.HandleAsync, cancellation?.Token ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Owns messages 1, 2, 3, …, all of them old, and is the index that forgets them.</summary>
    private sealed class NumberedOwner : IMessageOwner, ISearchIndex
    {
        private readonly SortedSet<int> _messages = [];

        public SortedSet<Guid> All { get; } = [];

        public SortedSet<Guid> Forgotten { get; } = [];

        public List<DateTimeOffset> Limits { get; } = [];

        public int Counts { get; private set; }

        public int Left => _messages.Count;

        public Action? OnLook { get; set; }

        public Action? OnRemove { get; set; }

        public void Fill(int count)
        {
            var last = All.Count;
            _messages.UnionWith(Enumerable.Range(last + 1, count));
            All.UnionWith(_messages.Select(IdOf));
        }

        public Task<CleanupCount> CountAsync(CleanupType type, CleanupRequest request, CancellationToken cancellationToken)
        {
            Limits.Add(request.OlderThan);
            Counts++;
            return Task.FromResult(new CleanupCount(_messages.Count, null));
        }

        public Task<CleanupBatch> RunAsync(CleanupType type, CleanupRequest request, CancellationToken cancellationToken)
        {
            Limits.Add(request.OlderThan);
            var from = request.Cursor is null ? 0 : JsonSerializer.Deserialize<int>(request.Cursor);
            var rows = _messages.Where(message => message >= from).Take(request.BatchSize + 1).ToArray();
            var batch = rows.Take(request.BatchSize).ToArray();
            var next = rows.Length > request.BatchSize ? $"{rows[^1]}" : null;
            if (request.DryRun)
            {
                OnLook?.Invoke();
                return Task.FromResult(new CleanupBatch(0, [.. batch.Select(IdOf)], next));
            }

            _messages.ExceptWith(batch);
            OnRemove?.Invoke();
            return Task.FromResult(new CleanupBatch(batch.Length, [.. batch.Select(IdOf)], next));
        }

        public Task ForgetAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
        {
            Forgotten.UnionWith(messageIds);
            return Task.CompletedTask;
        }

        private static Guid IdOf(int number) => new(number, 0, 0, new byte[8]);
    }
}
