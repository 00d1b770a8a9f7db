using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace WhiteCross.MessageNotification;

/// <summary>The notifications' database in SQLite.</summary>
public sealed class SqliteNotificationsDbContext(DbContextOptions<SqliteNotificationsDbContext> options) : NotificationsDbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);

        // SQLite has no type for times with an offset and could not sort them.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    /// <summary>For <c>dotnet ef migrations add … --context SqliteNotificationsDbContext --output-dir Storage/Migrations/Sqlite</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteNotificationsDbContext>
    {
        public SqliteNotificationsDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteNotificationsDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
