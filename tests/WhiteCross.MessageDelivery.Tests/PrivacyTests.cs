using System.Collections.Concurrent;
using System.Diagnostics;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class PrivacyOnSqliteTests(PostgresServer postgres) : PrivacyTests(DatabaseKind.Sqlite, postgres);

public sealed class PrivacyOnPostgresTests(PostgresServer postgres) : PrivacyTests(DatabaseKind.Postgres, postgres);

public abstract class PrivacyTests(DatabaseKind kind, PostgresServer postgres) : DeliveryTests(kind, postgres)
{
    private const string Secret = "haemoglobin-17-secret";
    private const string AccessToken = "access-token-17"; // Another word: the other class listens to the spans of this process, too.

    protected override bool LogsEverything => true;

    [Fact]
    public async Task No_log_line_at_any_level_and_no_span__holds_what_was_said()
    {
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => spans.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        var message = Some.Message() with { Content = Secret, MessageType = Secret };
        await using var recipient = await Service.ConnectAsync(message.RecipientId);

        await Service.SendAsync(message);
        Assert.Equal(Secret, (await recipient.NextMessageAsync()).Content);
        await Service.SendAsync(message);
        await Service.SendAsync(message with { Content = Secret + "2" });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Service.SendAsync(message with { MessageId = Guid.Parse("3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b") }))));
        await Service.Http.GetStringAsync($"/messages/{message.MessageId}?userId={message.SenderId}", Token);
        await Service.MoveAsync(Guid.Parse("3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b"), MessageStatus.Failed, Secret);

        Assert.Contains(Service.Logs.Lines, line => line.Contains("INSERT INTO", StringComparison.Ordinal));
        Assert.Contains(Service.Logs.Lines, line => line.Contains("Trace", StringComparison.Ordinal));
        Assert.DoesNotContain(Service.Logs.Lines, line => line.Contains(Secret, StringComparison.OrdinalIgnoreCase));
        Assert.NotEmpty(spans);
        Assert.DoesNotContain(spans, span => span.Contains(Secret, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Hubs_access_token__is_not_logged_with_the_request()
    {
        using var response = await Service.Http.PostAsync($"/hubs/messages/negotiate?userId={Guid.NewGuid()}&access_token={AccessToken}", null, Token);

        Assert.True(response.IsSuccessStatusCode);
        Assert.DoesNotContain(Service.Logs.Lines, line => line.Contains(AccessToken, StringComparison.OrdinalIgnoreCase));
    }
}
