using System.Collections.Concurrent;
using System.Diagnostics;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageIndexing.Tests;

public sealed class PrivacyOnSqliteTests(PostgresServer postgres) : PrivacyTests(DatabaseKind.Sqlite, postgres);

public sealed class PrivacyOnPostgresTests(PostgresServer postgres) : PrivacyTests(DatabaseKind.Postgres, postgres);

public abstract class PrivacyTests(DatabaseKind kind, PostgresServer postgres) : IndexingTests(kind, postgres)
{
    private const string Secret = "haemoglobin17secret";

    protected override bool LogsEverything => true;

    [Fact]
    public async Task No_log_line_at_any_level_and_no_span__holds_what_was_said_or_searched()
    {
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            // The test's own client is not the service.
            ShouldListenTo = source => source.Name != "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => spans.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        var message = Some.Message(Secret);

        await Service.DeliverAsync(message);
        await Service.DeliverAsync(message with { MessageId = Guid.Empty });
        await Service.DeliverAsync(message with { Operation = IndexOperation.Update, Content = $"{Secret} again" });
        Assert.Single(await FoundAsync(Secret));
        using var refused = await Service.Http.GetAsync($"/search?q=*{Secret}&userId={Some.Nurse}&x={Secret}", Token);
        await Service.DeliverAsync(new() { MessageId = message.MessageId, Operation = IndexOperation.Delete });

        Assert.DoesNotContain(Secret, await refused.Content.ReadAsStringAsync(Token), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(Service.Logs.Lines, line => line.Contains("Trace", StringComparison.Ordinal));
        Assert.DoesNotContain(Service.Logs.Lines, line => line.Contains(Secret, StringComparison.OrdinalIgnoreCase));
        Assert.NotEmpty(spans);
        Assert.DoesNotContain(spans, span => span.Contains(Secret, StringComparison.OrdinalIgnoreCase));
    }
}
