using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database in PostgreSQL.</summary>
internal sealed class PostgresMessagesDbContext(DbContextOptions<PostgresMessagesDbContext> options) : MessagesDbContext(options)
{
    /// <summary>The contents of attachments: here, every instance reaches them. With SQLite they are files.</summary>
    public DbSet<AttachmentChunk> AttachmentChunks => Set<AttachmentChunk>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        modelBuilder.Entity<AttachmentChunk>(chunk =>
        {
            chunk.ToTable("attachment_chunks");
            chunk.HasKey(c => new { c.AttachmentId, c.Position });
            chunk.HasOne<Attachment>().WithMany().HasForeignKey(c => c.AttachmentId).OnDelete(DeleteBehavior.Cascade);
        });
        base.OnModelCreating(modelBuilder);
    }

    /// <summary>For <c>dotnet ef migrations add … --context PostgresMessagesDbContext --output-dir Storage/Migrations/Postgres</c>.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresMessagesDbContext>
    {
        public PostgresMessagesDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresMessagesDbContext>().UseNpgsql("Host=localhost").Options);
    }
}
