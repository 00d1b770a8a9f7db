using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database in PostgreSQL.</summary>
public sealed class PostgresMessagesDbContext(DbContextOptions<PostgresMessagesDbContext> options) : MessagesDbContext(options)
{
    /// <summary>For <c>dotnet ef migrations add … --context PostgresMessagesDbContext --output-dir Storage/Migrations/Postgres</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresMessagesDbContext>
    {
        public PostgresMessagesDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresMessagesDbContext>().UseNpgsql("Host=localhost").Options);
    }
}
