using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>
/// A day at a clinic: a nurse writes to two patients in a group; a phone loses its network and comes back; a message is recalled before it goes out; a patient is erased. What each of
/// them saw at each moment.
/// </summary>
public sealed class ClinicsDayTests(EmbeddedSystem system) : IClassFixture<EmbeddedSystem>, IDisposable
{
    private readonly HttpClient _gateway = new() { BaseAddress = system.System.GatewayAddress };
    private readonly Guid _nurse = Guid.NewGuid();
    private readonly Guid _ann = Guid.NewGuid();
    private readonly Guid _bob = Guid.NewGuid();
    private Guid _group;

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task A_clinics_day()
    {
        // In the morning the nurse makes a group of her two patients, who have their phones at hand.
        _group = await CreateGroupAsync();
        await using var annsPhone = await Phone.ConnectAsync(_gateway, _ann, after: 0);
        var bobsPhone = await Phone.ConnectAsync(_gateway, _bob, after: 0);
        var morning = await SendAsync(_nurse, _ann, "Haemoglobin is tested on Tuesday.");
        Assert.Equal(morning, await annsPhone.NextAsync());
        Assert.Equal(morning, await bobsPhone.NextAsync());
        await annsPhone.Hub.InvokeAsync("MarkRead", $"{morning}", Jobs.Cancellation);
        await bobsPhone.Hub.InvokeAsync("Acknowledge", $"{morning}", Jobs.Cancellation);
        Assert.Equal("read", await StatusAsync(morning, _ann));
        Assert.Equal("delivered", await StatusAsync(morning, _bob));

        // Bob goes into the lift. What is said meanwhile reaches Ann, and Bob by a notification.
        var position = bobsPhone.LastPosition;
        await bobsPhone.DisposeAsync();
        await Eventually.TrueAsync(async () => !(await GetAsync($"/users/{_bob}/presence?userId={_nurse}"))["online"]!.GetValue<bool>());
        var noon = await SendAsync(_nurse, _ann, "Nothing to eat before, please.");
        var annsAnswer = await SendAsync(_ann, _nurse, "Haemoglobin was low last year.");
        Assert.Equal(noon, await annsPhone.NextAsync());
        Assert.Equal("sent", await StatusAsync(noon, _bob));
        await Jobs.WaitForAsync(_gateway, $"notify:{noon}:{_bob}:in-app", "completed", "message-notification");
        Assert.NotEmpty(await NotificationsAsync(_bob));

        // A reminder for the evening is recalled while it waits.
        var reminder = Message(_nurse, _bob, "This was meant for somebody else.");
        reminder["options"] = new JsonObject { ["delay"] = 3_600_000 };
        var recalled = await Jobs.AddAsync(_gateway, reminder);
        using (var cancelled = await _gateway.PostAsync(new Uri($"/queue/message-delivery/jobs/{recalled}/cancel", UriKind.Relative), null, Jobs.Cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        }

        // Bob is out of the lift: he gets what he missed, in its order, each once, and nothing of what was recalled.
        await using var bobsPhoneAgain = await Phone.ConnectAsync(_gateway, _bob, position);
        Assert.Equal(noon, await bobsPhoneAgain.NextAsync());
        Assert.Equal(annsAnswer, await bobsPhoneAgain.NextAsync());
        var afternoon = await SendAsync(_nurse, _bob, "See you on Tuesday.");
        Assert.Equal(afternoon, await bobsPhoneAgain.NextAsync());
        Assert.Equal(new[] { morning, noon, annsAnswer, afternoon }.Order(), (await ListAsync(_bob)).Order());
        Assert.Equal(new[] { morning, annsAnswer }.Order(), (await FindEventuallyAsync(_nurse, 2)).Order());

        // Ann asks for her data, and then to be forgotten. While a hold is on her nothing goes.
        Assert.Equal(4, (await ExportAsync()).Count(line => line["kind"]!.GetValue<string>() == "message"));
        var hold = Guid.NewGuid();
        using (var placed = await _gateway.PutAsJsonAsync($"/queue/legal-holds/{hold}", new { userId = _ann, reason = "case 7" }, Jobs.Cancellation))
        {
            Assert.Equal(HttpStatusCode.NoContent, placed.StatusCode);
        }

        Assert.Equal("failed", (await EraseAsync())["state"]!.GetValue<string>());
        Assert.Equal(4, (await ListAsync(_ann)).Count);
        using (var lifted = await _gateway.DeleteAsync(new Uri($"/queue/legal-holds/{hold}", UriKind.Relative), Jobs.Cancellation))
        {
            Assert.Equal(HttpStatusCode.NoContent, lifted.StatusCode);
        }

        var erased = await EraseAsync();
        Assert.Equal("completed", erased["state"]!.GetValue<string>());
        Assert.Equal((1, 3, 1), (Removed(erased, "messages"), Removed(erased, "copies"), Removed(erased, "conversations")));
        Assert.InRange(Removed(erased, "jobs"), 1, 1000);

        // In the evening: the others have what they wrote to each other, and nothing of Ann, who has nothing at all.
        foreach (var other in new[] { _nurse, _bob })
        {
            Assert.Equal(new[] { morning, noon, afternoon }.Order(), (await ListAsync(other)).Order());
            Assert.Equal(morning, Assert.Single(await FindAsync(other)));
            Assert.DoesNotContain($"{_ann}", (await GetAsync($"/conversations/{_group}?userId={other}")).ToJsonString(), StringComparison.Ordinal);
        }

        Assert.Empty(await ListAsync(_ann));
        Assert.Empty(await FindAsync(_ann));
        Assert.Empty(await NotificationsAsync(_ann));
        Assert.Equal("end", Assert.Single(await ExportAsync())["kind"]!.GetValue<string>());
        var audit = (await GetAsync("/queue/audit"))["entries"]!.AsArray().Where(entry => entry!["target"]?.GetValue<string>() == $"{_ann}").Select(entry => entry!["action"]!.GetValue<string>());
        Assert.Equal(["ExportPerson", "ErasePerson", "ErasePerson", "ExportPerson"], audit);
    }

    private static int Removed(JsonObject job, string kind) => job["result"]![kind]!.GetValue<int>();

    private JsonObject Message(Guid sender, Guid recipient, string content)
    {
        var envelope = Jobs.SendMessage(recipient, content);
        envelope["data"]!["senderId"] = $"{sender}";
        envelope["data"]!["conversationId"] = $"{_group}";
        return envelope;
    }

    private async Task<Guid> SendAsync(Guid sender, Guid recipient, string content)
    {
        var message = Message(sender, recipient, content);
        await Jobs.WaitForAsync(_gateway, await Jobs.AddAsync(_gateway, message), "completed");
        return Guid.Parse(message["data"]!["messageId"]!.GetValue<string>());
    }

    private async Task<Guid> CreateGroupAsync()
    {
        using var made = await _gateway.PostAsJsonAsync($"/conversations?userId={_nurse}", new { memberIds = new[] { _ann, _bob } }, Jobs.Cancellation);
        return (await made.Content.ReadFromJsonAsync<JsonObject>(Jobs.Cancellation))!["conversationId"]!.GetValue<Guid>();
    }

    private async Task<string> StatusAsync(Guid message, Guid recipient) => (await GetAsync($"/messages/{message}?userId={_nurse}"))["recipients"]!.AsArray()
        .Single(one => one!["userId"]!.GetValue<Guid>() == recipient)!["status"]!.GetValue<string>();

    private async Task<List<Guid>> ListAsync(Guid user) =>
        [.. (await GetAsync($"/conversations/{_group}/messages?userId={user}"))["messages"]!.AsArray().Select(message => message!["messageId"]!.GetValue<Guid>())];

    private async Task<List<Guid>> FindAsync(Guid user) =>
        [.. (await GetAsync($"/search?q=haemoglobin&userId={user}"))["results"]!.AsArray().Select(result => result!["messageId"]!.GetValue<Guid>())];

    private async Task<List<Guid>> FindEventuallyAsync(Guid user, int count)
    {
        await Eventually.TrueAsync(async () => (await FindAsync(user)).Count == count);
        return await FindAsync(user);
    }

    private async Task<JsonArray> NotificationsAsync(Guid user) => (await GetAsync($"/users/{user}/notifications?userId={user}"))["notifications"]!.AsArray();

    private async Task<List<JsonObject>> ExportAsync()
    {
        using var export = await _gateway.PostAsync(new Uri($"/queue/people/{_ann}/export?reason=asked", UriKind.Relative), null, Jobs.Cancellation);
        Assert.Equal(HttpStatusCode.OK, export.StatusCode);
        return [.. (await export.Content.ReadAsStringAsync(Jobs.Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    private async Task<JsonObject> EraseAsync()
    {
        using var added = await _gateway.PostAsync(new Uri($"/queue/people/{_ann}/erase?reason=asked", UriKind.Relative), null, Jobs.Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, added.StatusCode);
        var id = (await added.Content.ReadFromJsonAsync<JsonObject>(Jobs.Cancellation))!["jobId"]!.GetValue<string>();
        return await Jobs.WaitForAsync(_gateway, id, record => record["state"]!.GetValue<string>() is "completed" or "failed", "message-cleanup");
    }

    private async Task<JsonObject> GetAsync(string path) => (await _gateway.GetFromJsonAsync<JsonObject>(new Uri(path, UriKind.Relative), Jobs.Cancellation))!;

    /// <summary>A phone behind the gateway: keeps the messages that it is sent, in their order.</summary>
    private sealed class Phone : IAsyncDisposable
    {
        private readonly Channel<JsonObject> _messages = Channel.CreateUnbounded<JsonObject>();

        private Phone(HubConnection hub)
        {
            Hub = hub;
            hub.On<JsonObject>("message", message => _messages.Writer.TryWrite(message));
        }

        public HubConnection Hub { get; }

        /// <summary>Where the phone is in its inbox.</summary>
        public long LastPosition { get; private set; }

        public static async Task<Phone> ConnectAsync(HttpClient gateway, Guid user, long after)
        {
            var phone = new Phone(new HubConnectionBuilder().WithUrl(new Uri(gateway.BaseAddress!, $"/hubs/messages?userId={user}&after={after}")).Build());
            await phone.Hub.StartAsync(Jobs.Cancellation);
            return phone;
        }

        public async Task<Guid> NextAsync()
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Jobs.Cancellation);
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            var message = await _messages.Reader.ReadAsync(patience.Token);
            LastPosition = message["position"]!.GetValue<long>();
            return message["messageId"]!.GetValue<Guid>();
        }

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }
}
