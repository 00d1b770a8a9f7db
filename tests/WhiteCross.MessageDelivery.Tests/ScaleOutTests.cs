using Microsoft.AspNetCore.SignalR.Client;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>Two instances on one database and one Redis.</summary>
public sealed class ScaleOutTests(PostgresServer postgres, RedisServer redis) : IAsyncLifetime
{
    private TestDatabase? _database;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(DatabaseKind.Postgres, postgres, DeliveryService.Migrated);

    public async ValueTask DisposeAsync() => await _database!.DisposeAsync();

    [Fact]
    public async Task Job_runs_on_one_instance__recipient_and_sender_are_connected_to_the_other()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var message = Some.Message();
        await using var recipient = await other.ConnectAsync(message.RecipientId);
        await using var sender = await other.ConnectAsync(message.SenderId);

        await one.SendAsync(message);

        Assert.Equal(message.MessageId, (await recipient.NextMessageAsync()).MessageId);
        Assert.Equal(MessageStatus.Sent, (await sender.NextStatusAsync()).Status);
        Assert.Empty(one.FollowUps.Notified);
        await recipient.Connection.InvokeAsync<MessageStatus>("MarkRead", message.MessageId.ToString(), TestContext.Current.CancellationToken);
        Assert.Equal(MessageStatus.Read, (await sender.NextStatusAsync()).Status);
    }

    [Fact]
    public async Task Device_disconnects__it_is_away_on_every_instance()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var user = Guid.NewGuid();
        var phone = await other.ConnectAsync(user);
        Assert.Equal(1, await one.PresentAsync(user));

        await phone.DisposeAsync();

        await Eventually.TrueAsync(async () => await one.PresentAsync(user) == 0);
    }

    [Fact]
    public async Task Instance_stops_renewing_as_if_it_had_died__its_users_are_away_when_the_lease_ends()
    {
        await using var one = await StartAsync(lease: "00:00:02");
        await using var other = await StartAsync(lease: "00:00:02");
        var user = Guid.NewGuid();
        await using var phone = await other.ConnectAsync(user);

        // Only the renewal stands still, with its clock; what Redis counts by goes on.
        await Eventually.TrueAsync(async () => await one.PresentAsync(user) == 0);

        // It lives after all: with the next renewal its users are back.
        await Eventually.TrueAsync(async () =>
        {
            other.Time.Advance(TimeSpan.FromSeconds(2));
            return await one.PresentAsync(user) == 1;
        });
    }

    // Redis goes on counting while the services' clocks stand: a lease that no test outlasts.
    private Task<DeliveryService> StartAsync(string lease = "00:10:00") => DeliveryService.StartAsync(_database!.ConnectionString, builder =>
    {
        builder.Configuration["Live:Redis"] = $"{redis.EndPoint},defaultDatabase=1";
        builder.Configuration["Live:PresenceLease"] = lease;
    });
}
