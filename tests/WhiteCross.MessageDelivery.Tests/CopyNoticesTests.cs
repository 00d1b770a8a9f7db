using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class CopyNoticesOnSqliteTests(PostgresServer postgres) : CopyNoticesTests(DatabaseKind.Sqlite, postgres);

public sealed class CopyNoticesOnPostgresTests(PostgresServer postgres) : CopyNoticesTests(DatabaseKind.Postgres, postgres);

/// <summary>Notifications follow what becomes of their message: the notification service is told, however often a process dies before it answers.</summary>
public abstract class CopyNoticesTests(DatabaseKind kind, PostgresServer postgres) : IAsyncLifetime
{
    private SidecarServer? _sidecar;
    private TestDatabase? _database;
    private DeliveryService? _service;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SidecarServer Sidecar => _sidecar!;

    private DeliveryService Service => _service!;

    public async ValueTask InitializeAsync()
    {
        _sidecar = await SidecarServer.StartAsync();
        _database = await TestDatabase.CreateAsync(kind, postgres, DeliveryService.Migrated);
        _service = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _database!.DisposeAsync();
        await Sidecar.DisposeAsync();
    }

    [Fact]
    public async Task Read__by_its_recipient__is_told_once__delivered_is_not()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Delivered));
        Assert.Equal(0, await OwedAsync());

        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read));
        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read));
        await UntilToldAsync();

        Assert.Equal([("read", message.RecipientId, message.MessageId)], Told());
    }

    [Fact]
    public async Task Deleted_conversation__takes_the_notifications_of_who_deletes_it__and_later_only_those_of_what_came_after()
    {
        var (message, other) = (Some.Message(), Some.Message());
        await Service.SendAsync(message);
        await Service.SendAsync(other with { RecipientId = message.RecipientId });
        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read));

        // Nobody is notified of what they have written themselves.
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/conversations/{message.ConversationId}?userId={message.SenderId}"));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/conversations/{message.ConversationId}?userId={message.RecipientId}"));
        await UntilToldAsync();
        Assert.Contains(("delete", message.RecipientId, message.MessageId), Told());
        Assert.DoesNotContain(Told(), told => told.UserId == message.SenderId || told.MessageId == other.MessageId);

        Sidecar.Calls.Clear();
        var next = message with { MessageId = Guid.NewGuid() };
        await Service.SendAsync(next);
        await DeleteAsync($"/conversations/{message.ConversationId}?userId={message.RecipientId}");
        await UntilToldAsync();
        Assert.Equal([("delete", message.RecipientId, next.MessageId)], Told());
    }

    [Fact]
    public async Task Left_or_ended_conversation__takes_the_notifications_of_who_is_not_shown_it_any_more()
    {
        var (owner, leaver, member) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var message = Some.Message() with { SenderId = owner };
        message = message with { RecipientId = message.ConversationId };
        using var made = await Service.Http.PostAsJsonAsync($"/conversations?userId={owner}", new { message.ConversationId, memberIds = new[] { leaver, member } }, Token);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        await Service.SendAsync(message);

        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync($"/conversations/{message.ConversationId}/members/{leaver}?userId={leaver}"));
        await UntilToldAsync();
        Assert.Equal([("delete", leaver, message.MessageId)], Told());

        using var ended = await Service.Http.PostAsync($"/conversations/{message.ConversationId}/end?userId={owner}", null, Token);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        await UntilToldAsync();
        Assert.Contains(("delete", member, message.MessageId), Told());
        Assert.DoesNotContain(Told(), told => told.UserId == owner);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(401)]
    public async Task Service_is_away__and_this_process_ends__the_next_one_tells(int status)
    {
        var (read, deleted) = (Some.Message(), Some.Message());
        await Service.SendAsync(read);
        await Service.SendAsync(deleted);
        Sidecar.Status = status;

        await Service.ConfirmAsync(Some.Confirmation(read, MessageStatus.Read));
        await DeleteAsync($"/conversations/{deleted.ConversationId}?userId={deleted.RecipientId}");
        await AdvanceUntilAsync(() => Task.FromResult(Service.Logs.Lines.Any(line => line.Contains("does not answer", StringComparison.Ordinal))));
        Assert.Equal(2, await OwedAsync());
        await Service.DisposeAsync();
        Sidecar.Calls.Clear();
        Sidecar.Status = 200;
        _service = await StartAsync();
        await UntilToldAsync();

        Assert.Equal(
            new[] { ("read", read.RecipientId, read.MessageId), ("delete", deleted.RecipientId, deleted.MessageId) }.Order(), Told().Order());
    }

    [Fact]
    public async Task Refused__is_not_told_for_ever()
    {
        var message = Some.Message();
        await Service.SendAsync(message);
        Sidecar.Status = 400;

        await Service.ConfirmAsync(Some.Confirmation(message, MessageStatus.Read));
        await UntilToldAsync();

        Assert.Single(Told());
    }

    private Task<DeliveryService> StartAsync() =>
        DeliveryService.StartAsync(_database!.ConnectionString, builder => builder.Services.AddSingleton(Sidecar.Client));

    private (string What, Guid UserId, Guid MessageId)[] Told() => [.. Sidecar.Calls.SelectMany(call =>
        call.Body.GetProperty("messageIds").EnumerateArray().Select(id => (What(call.Path), call.Body.GetProperty("userId").GetGuid(), id.GetGuid())))];

    private static string What(string path)
    {
        const string Prefix = "/v1.0/invoke/message-notification/method/internal/messages/";
        Assert.StartsWith(Prefix, path, StringComparison.Ordinal);
        return path[Prefix.Length..];
    }

    private async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var response = await Service.Http.DeleteAsync(path, Token);
        return response.StatusCode;
    }

    private Task UntilToldAsync() => AdvanceUntilAsync(async () => await OwedAsync() == 0);

    private Task AdvanceUntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(async () =>
    {
        Service.Time.Advance(TimeSpan.FromSeconds(1));
        return await condition();
    });

    private async Task<int> OwedAsync()
    {
        await using var scope = Service.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MessagesDbContext>().MessageCopies.CountAsync(copy => copy.Notice != null, Token);
    }
}
