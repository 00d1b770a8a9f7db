using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>From a publisher to a recipient's screen.</summary>
public abstract class MainJobTests(SystemFixture fixture) : IDisposable
{
    private readonly HttpClient _gateway = new() { BaseAddress = fixture.System.GatewayAddress };
    private readonly HttpClient _sidecar = new() { BaseAddress = fixture.System.SidecarAddress };

    [Fact]
    public async Task A_message_added_by_HTTP_reaches_its_recipients_screen_and_is_on_record()
    {
        var recipient = Guid.NewGuid();
        var (connection, messages) = await ConnectAsync(recipient);
        await using var open = connection;

        var jobId = await Jobs.AddAsync(_gateway, Jobs.SendMessage(recipient, "your results are in"));

        var received = await messages.Reader.ReadAsync(Jobs.Cancellation);
        Assert.Equal("your results are in", received["content"]!.GetValue<string>());
        var record = await Jobs.WaitForAsync(_gateway, jobId, "completed");
        Assert.Equal(1, record["attemptsMade"]!.GetValue<int>());
        Assert.Equal(100, record["progress"]!["percentage"]!.GetValue<double>());
    }

    [Fact]
    public async Task A_notification_in_the_app_reaches_its_recipients_screen()
    {
        var recipient = Guid.NewGuid();
        var (connection, _) = await ConnectAsync(recipient);
        await using var open = connection;
        var shown = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.On<JsonObject>("notification", notification => shown.TrySetResult(notification));
        var notification = new JsonObject
        {
            ["type"] = "send-notification",
            ["data"] = new JsonObject { ["recipientId"] = recipient.ToString(), ["type"] = "in_app", ["title"] = "Your appointment", ["message"] = "Tomorrow at 9." },
        };

        var jobId = await Jobs.AddAsync(_gateway, notification, "message-notification");

        await Jobs.WaitForAsync(_gateway, jobId, "completed", "message-notification");
        var received = await shown.Task.WaitAsync(TimeSpan.FromSeconds(60), Jobs.Cancellation);
        Assert.Equal("Your appointment", received["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_message_published_with_plain_Dapr_does_the_same()
    {
        var recipient = Guid.NewGuid();
        var (connection, messages) = await ConnectAsync(recipient);
        await using var open = connection;
        var jobId = $"plain-{Guid.NewGuid():N}";

        await Jobs.PublishAsync(_sidecar, Jobs.SendMessage(recipient, "hello from anywhere", jobId));

        Assert.Equal("hello from anywhere", (await messages.Reader.ReadAsync(Jobs.Cancellation))["content"]!.GetValue<string>());
        await Jobs.WaitForAsync(_gateway, jobId, "completed");
    }

    [Fact]
    public async Task A_job_added_or_published_again_runs_once()
    {
        var recipient = Guid.NewGuid();
        var envelope = Jobs.SendMessage(recipient, jobId: $"once-{Guid.NewGuid():N}");
        var jobId = await Jobs.AddAsync(_gateway, envelope);
        await Jobs.WaitForAsync(_gateway, jobId, "completed");

        using var again = await _gateway.PostAsJsonAsync("/queue/message-delivery/jobs", envelope, Jobs.Cancellation);
        await Jobs.PublishAsync(_sidecar, envelope);
        await Jobs.PublishAsync(_sidecar, envelope, "jobs-high", "message-delivery.high");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(jobId, (await again.Content.ReadFromJsonAsync<JsonObject>(Jobs.Cancellation))!["jobId"]!.GetValue<string>());
        var later = await Jobs.AddAsync(_gateway, Jobs.SendMessage(recipient));
        await Jobs.WaitForAsync(_gateway, later, "completed");
        var record = await Jobs.WaitForAsync(_gateway, jobId, "completed");
        Assert.Equal(1, record["attemptsMade"]!.GetValue<int>());
    }

    [Fact]
    public async Task Wrong_data_is_refused_by_HTTP_and_becomes_a_failed_job_with_the_same_text_by_publish()
    {
        var jobId = $"wrong-{Guid.NewGuid():N}";
        var envelope = Jobs.SendMessage(Guid.NewGuid(), jobId: jobId);
        envelope["data"]!["recipientId"] = "nobody";
        envelope["data"]!["content"] = string.Empty;

        using var answer = await _gateway.PostAsJsonAsync("/queue/message-delivery/jobs", envelope, Jobs.Cancellation);
        await Jobs.PublishAsync(_sidecar, envelope);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonObject>(Jobs.Cancellation))!["errors"]!.AsObject();
        Assert.Equal(["data.content", "data.recipientId"], errors.Select(error => error.Key).Order());
        var record = await Jobs.WaitForAsync(_gateway, jobId, "failed");
        Assert.Equal("invalid", record["error"]!["code"]!.GetValue<string>());
        Assert.Equal(0, record["attemptsMade"]!.GetValue<int>());
        Assert.All(errors, error => Assert.Contains($"{error.Key}: {error.Value![0]}", record["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bulk_is_delivered_to_the_last_message()
    {
        var envelopes = Enumerable.Range(0, 200).Select(i => Jobs.SendMessage(Guid.NewGuid(), jobId: $"bulk-{i}-{Guid.NewGuid():N}")).ToList();
        var ids = envelopes.Select(envelope => envelope["jobId"]!.GetValue<string>()).ToList();

        using var answer = await _gateway.PostAsJsonAsync(
            "/queue/message-delivery/jobs/bulk", new JsonObject { ["jobs"] = new JsonArray([.. envelopes]) }, Jobs.Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        foreach (var id in ids)
        {
            await Jobs.WaitForAsync(_gateway, id, "completed");
        }
    }

    [Fact]
    public async Task A_delayed_job_runs_when_it_is_due()
    {
        var envelope = Jobs.SendMessage(Guid.NewGuid());
        envelope["options"] = new JsonObject { ["delay"] = 700 };

        var jobId = await Jobs.AddAsync(_gateway, envelope);

        var record = await Jobs.WaitForAsync(_gateway, jobId, "completed");
        var startedAt = record["startedAt"]!.GetValue<DateTimeOffset>();
        Assert.True(startedAt - record["createdAt"]!.GetValue<DateTimeOffset>() >= TimeSpan.FromMilliseconds(700));
    }

    [Fact]
    public async Task A_confirmation_moves_the_messages_status_and_the_inbox_shows_it()
    {
        var recipient = Guid.NewGuid();
        var message = Jobs.SendMessage(recipient);
        await Jobs.WaitForAsync(_gateway, await Jobs.AddAsync(_gateway, message), "completed");

        var confirmation = new JsonObject
        {
            ["type"] = "delivery-confirmation",
            ["data"] = new JsonObject
            {
                ["messageId"] = message["data"]!["messageId"]!.GetValue<string>(),
                ["recipientId"] = recipient.ToString(),
                ["status"] = "read",
            },
        };
        await Jobs.WaitForAsync(_gateway, await Jobs.AddAsync(_gateway, confirmation), "completed");

        var inbox = await _gateway.GetFromJsonAsync<JsonObject>(new Uri($"/users/{recipient}/messages", UriKind.Relative), Jobs.Cancellation);
        Assert.Equal("read", inbox!["messages"]![0]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_paused_queue_holds_its_jobs_and_runs_them_when_resumed()
    {
        using var pause = await _gateway.PostAsync(new Uri("/queue/message-delivery/pause", UriKind.Relative), null, Jobs.Cancellation);
        var jobId = await Jobs.AddAsync(_gateway, Jobs.SendMessage(Guid.NewGuid()));
        await Jobs.WaitForAsync(_gateway, jobId, "paused");

        using var resume = await _gateway.PostAsync(new Uri("/queue/message-delivery/resume", UriKind.Relative), null, Jobs.Cancellation);

        await Jobs.WaitForAsync(_gateway, jobId, "completed");
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _sidecar.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<(HubConnection Connection, Channel<JsonObject> Messages)> ConnectAsync(Guid user)
    {
        var messages = Channel.CreateUnbounded<JsonObject>();
        var connection = new HubConnectionBuilder().WithUrl(new Uri(fixture.System.GatewayAddress, $"/hubs/messages?userId={user}")).Build();
        connection.On<JsonObject>("message", message => messages.Writer.TryWrite(message));
        await connection.StartAsync(Jobs.Cancellation);
        await connection.InvokeAsync("Heartbeat", Jobs.Cancellation); // Answered when the connection is all the way there.
        return (connection, messages);
    }
}

/// <summary>In memory.</summary>
public sealed class EmbeddedMainJobTests(EmbeddedSystem system) : MainJobTests(system), IClassFixture<EmbeddedSystem>;

/// <summary>On Redis.</summary>
public sealed class RedisMainJobTests(RedisSystem system) : MainJobTests(system), IClassFixture<RedisSystem>;
