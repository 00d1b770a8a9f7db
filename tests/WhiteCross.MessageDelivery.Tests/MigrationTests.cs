using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class MigrationTests(PostgresServer postgres)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Migrations__make_what_the_model_says(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        await using var service = await DeliveryService.StartAsync(database.ConnectionString);
        await using var scope = service.Services.CreateAsyncScope();

        var context = scope.ServiceProvider.GetRequiredService<MessagesDbContext>();

        Assert.Equal(kind == DatabaseKind.Postgres, context is PostgresMessagesDbContext);
        Assert.False(context.Database.HasPendingModelChanges(), "The model has changed: add a migration for each provider.");
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task With_the_argument_migrate__it_migrates_and_ends__and_a_service_finds_nothing_left_to_do(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        string[] args = [DatabaseMigrationExtensions.Argument, $"--{MessageDatabase.ConnectionSetting}={database.ConnectionString}"];
        var logs = new LogCollector();
        var started = false;

        var app = MessageDeliveryApp.Create(args, builder => builder.Logging.ClearProviders().AddProvider(logs));
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        await app.RunOrMigrateAsync(args);

        Assert.Contains(logs.Lines, line => line.Contains(kind == DatabaseKind.Postgres ? "Applied 5 migrations" : "Applied 4 migrations", StringComparison.Ordinal));
        Assert.False(started);
        await using var service = await DeliveryService.StartAsync(database.ConnectionString);
        Assert.DoesNotContain(service.Logs.Lines, line => line.Contains("migrations to the database", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_without_a_database__has_nothing_to_migrate__and_says_so()
    {
        var exception = await Assert.ThrowsAsync<WhiteCross.Settings.SettingsException>(() => WebApplication.CreateSlimBuilder().Build().RunOrMigrateAsync(["migrate"]));
        Assert.EndsWith("has no database to migrate; start it without that argument.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_the_statuses__are_stored__so_they_stay() =>
        Assert.Equal(
            [(MessageStatus.Pending, 1), (MessageStatus.Sent, 2), (MessageStatus.Delivered, 3), (MessageStatus.Read, 4), (MessageStatus.Failed, 5)],
            Enum.GetValues<MessageStatus>().Select(status => (status, (int)status)));

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Instances_that_start_at_once__share_one_database__and_keep_it_over_a_restart(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        var message = Some.Message();

        var services = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => DeliveryService.StartAsync(database.ConnectionString))));
        await services[0].SendAsync(message);
        Assert.Equal(message.Content, (await services[1].StoredAsync(message.MessageId))?.Content);
        foreach (var service in services)
        {
            await service.DisposeAsync();
        }

        await using var restarted = await DeliveryService.StartAsync(database.ConnectionString);
        Assert.Equal(MessageStatus.Sent, (await restarted.StoredAsync(message.MessageId))?.Status);
    }
}
