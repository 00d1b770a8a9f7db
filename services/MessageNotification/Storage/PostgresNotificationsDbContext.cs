using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace WhiteCross.MessageNotification;

/// <summary>The notifications' database in PostgreSQL.</summary>
internal sealed class PostgresNotificationsDbContext(DbContextOptions<PostgresNotificationsDbContext> options) : NotificationsDbContext(options)
{
    /// <summary>For <c>dotnet ef migrations add … --context PostgresNotificationsDbContext --output-dir Storage/Migrations/Postgres</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresNotificationsDbContext>
    {
        public PostgresNotificationsDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresNotificationsDbContext>().UseNpgsql("Host=localhost").Options);
    }
}
