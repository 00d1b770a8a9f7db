using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

public sealed class MigrationTests(PostgresServer postgres)
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Migrations__make_what_the_model_says(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        await using var service = await NotificationService.StartAsync(new() { [NotificationDatabase.ConnectionSetting] = database.ConnectionString });
        await using var scope = service.Services.CreateAsyncScope();

        var context = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();

        Assert.Equal(kind == DatabaseKind.Postgres, context is PostgresNotificationsDbContext);
        Assert.False(context.Database.HasPendingModelChanges(), "The model has changed: add a migration for each provider.");
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task With_the_argument_migrate__it_migrates_and_ends(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, postgres);
        string[] args = [DatabaseMigrationExtensions.Argument, $"--{NotificationDatabase.ConnectionSetting}={database.ConnectionString}"];
        var started = false;

        var app = MessageNotificationApp.Create(args, builder => builder.Logging.ClearProviders());
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        await app.RunOrMigrateAsync(args);

        Assert.False(started);
        await using var context = kind == DatabaseKind.Postgres
            ? (NotificationsDbContext)new PostgresNotificationsDbContext(new DbContextOptionsBuilder<PostgresNotificationsDbContext>().UseNpgsql(database.ConnectionString).Options)
            : new SqliteNotificationsDbContext(new DbContextOptionsBuilder<SqliteNotificationsDbContext>().UseSqlite(database.ConnectionString).Options);
        Assert.Empty(await context.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Numbers_of_priorities_and_channels__are_stored__so_they_stay()
    {
        Assert.Equal([1, 2, 3, 4], new[] { NotificationPriority.Low, NotificationPriority.Normal, NotificationPriority.High, NotificationPriority.Urgent }.Select(one => (int)one));
        Assert.Equal([1, 2, 4, 8], new[] { NotificationChannels.Push, NotificationChannels.Email, NotificationChannels.Sms, NotificationChannels.InApp }.Select(one => (int)one));
    }
}
