using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>The notifications' database in SQLite.</summary>
internal sealed class SqliteNotificationsDbContext(DbContextOptions<SqliteNotificationsDbContext> options) : NotificationsDbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.StoreTimesAsMilliseconds();

    /// <summary>For <c>dotnet ef migrations add … --context SqliteNotificationsDbContext --output-dir Storage/Migrations/Sqlite</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteNotificationsDbContext>
    {
        public SqliteNotificationsDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteNotificationsDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
