using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>A provider's rate is kept, by all instances together, and what waits goes out in its order.</summary>
public sealed class RateTests(PostgresServer postgres)
{
    [Fact]
    public Task Ten_thousand__wait_out_an_outage__and_go_out_within_the_rate__most_urgent_and_oldest_first() => Task.Run(async () =>
    {
        const int Rate = 50;
        var time = new FakeTimeProvider(NotificationService.Start);
        var back = time.GetUtcNow().AddMinutes(10);
        var guard = new ProviderGuard("sms", "the provider", new SmsOptions { PerSecond = Rate }, new OwnPace(time), time, NullLogger<ProviderGuard>.Instance);
        var waiting = new PriorityQueue<(LinePlace Place, int Snoozes), DateTimeOffset>();
        for (var i = 0; i < 10_000; i++)
        {
            var priority = i % 100 == 99 ? NotificationPriority.Urgent : NotificationPriority.Normal;
            waiting.Enqueue((new LinePlace(priority, time.GetUtcNow().AddMilliseconds(i), $"job-{i}"), 0), time.GetUtcNow().AddMilliseconds(i));
        }

        var sent = new List<(LinePlace Place, DateTimeOffset At)>();
        var asked = 0;
        while (waiting.TryDequeue(out var job, out var dueAt))
        {
            if (dueAt > time.GetUtcNow())
            {
                time.Advance(dueAt - time.GetUtcNow());
            }

            var run = guard.RunAsync(job.Place, _ => Send(job.Place), TestContext.Current.CancellationToken);
            while (!run.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(5));
            }

            try
            {
                await run;
            }
            catch (SendFailedException exception)
            {
                // As the queue spaces them.
                var floor = TimeSpan.FromSeconds(Math.Min(300, Math.Pow(1.5, job.Snoozes)));
                var wait = exception.Failure.Hint ?? TimeSpan.FromSeconds(30);
                waiting.Enqueue((job.Place, job.Snoozes + 1), time.GetUtcNow() + (wait > floor ? wait : floor));
            }
        }

        Assert.Equal(10_000, sent.Select(one => one.Place.JobId).Distinct().Count());
        Assert.Equal(10_000, sent.Count);
        Assert.InRange(asked - sent.Count, 3, 20);
        Assert.All(sent.GroupBy(one => one.At.Ticks / TimeSpan.TicksPerSecond), second => Assert.InRange(second.Count(), 1, Rate + 1));
        Assert.InRange(sent[^1].At - back, TimeSpan.FromSeconds(190), TimeSpan.FromMinutes(12));
        Assert.InRange(sent.FindLastIndex(one => one.Place.Priority == NotificationPriority.Urgent), 99, 2_500);
        var normal = sent.Where(one => one.Place.Priority == NotificationPriority.Normal).Select(one => (one.Place.CreatedAt - NotificationService.Start).TotalSeconds).ToArray();
        Assert.True(normal[..2_000].Average() < normal[4_000..6_000].Average());
        Assert.True(normal[4_000..6_000].Average() < normal[^2_000..].Average());

        Task<bool> Send(LinePlace place)
        {
            asked++;
            if (time.GetUtcNow() < back)
            {
                throw SendFailedException.Unavailable("away");
            }

            sent.Add((place, time.GetUtcNow()));
            return Task.FromResult(true);
        }
    }, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Rate__is_shared_by_all_instances(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres, NotificationService.Migrated);
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        var settings = new Dictionary<string, string?>(SmsTests.Settings(twilio))
        {
            ["Sms:PerSecond"] = "0.5",
            [NotificationDatabase.ConnectionSetting] = database.ConnectionString,
            ["Email:Folder"] = Path.GetTempPath(),
        };
        await using var one = await NotificationService.StartAsync(settings);
        await using var other = await NotificationService.StartAsync(settings);

        await one.CompleteAsync(Some.Sms());
        var held = Assert.IsType<Jobs.JobOutcome.Snooze>(await other.RunAsync(Some.Sms()));
        Assert.Contains("0.5 a second", held.Reason, StringComparison.Ordinal);
        one.Time.Advance(TimeSpan.FromSeconds(2));
        other.Time.Advance(TimeSpan.FromSeconds(2));
        await other.CompleteAsync(Some.Sms());
        Assert.IsType<Jobs.JobOutcome.Snooze>(await one.RunAsync(Some.Sms(), jobId: "job-2"));

        Assert.Equal(2, twilio.Requests.Count);
    }

    /// <summary>The turns of one process: ten thousand of them in a database would only measure the disk.</summary>
    private sealed class OwnPace(TimeProvider time) : ProviderPace(null!, time)
    {
        private long _next;

        protected override Task<long?> NextAsync(string provider, long now, long step, long limit, CancellationToken cancellationToken)
        {
            if (_next > limit)
            {
                return Task.FromResult<long?>(null);
            }

            _next = Math.Max(_next, now) + step;
            return Task.FromResult<long?>(_next);
        }
    }
}
