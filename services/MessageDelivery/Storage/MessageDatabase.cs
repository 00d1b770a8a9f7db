using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>The messages' database, and what reads and writes it.</summary>
internal static class MessageDatabase
{
    /// <summary>The connection string. Left out: a SQLite file <c>messages.db</c> in the data directory.</summary>
    public const string ConnectionSetting = "ConnectionStrings:" + Name;

    internal const string Name = "Messages";

    internal static void AddMessageDatabase(this IServiceCollection services)
    {
        services.AddServiceDatabase<MessagesDbContext, SqliteMessagesDbContext, PostgresMessagesDbContext>(Name);
        services.AddScoped<MessageStore>();
        services.AddScoped<MessageReader>();
        services.AddScoped<ConversationStore>();
        services.AddScoped<ConversationChanges>();
        services.AddScoped<AttachmentLinks>();
    }
}
