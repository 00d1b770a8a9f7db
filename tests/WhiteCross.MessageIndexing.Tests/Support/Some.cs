using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>Examples to start from.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Morning = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    public static readonly Guid Nurse = Guid.Parse("3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b");
    public static readonly Guid Parent = Guid.Parse("8d7c6b5a-4f3e-4d2c-8b1a-0f9e8d7c6b5a");

    public static IndexMessageJob Message(string content) => new()
    {
        MessageId = Guid.NewGuid(),
        Operation = IndexOperation.Index,
        Content = content,
        SenderId = Nurse,
        RecipientId = Parent,
        ConversationId = Guid.NewGuid(),
        MessageTimestamp = Morning,
    };

    public static IndexEvent Event(string content, Guid? messageId = null) => new(messageId ?? Guid.NewGuid(), IndexOperation.Index, Morning)
    {
        Content = content,
        SenderId = Nurse,
        RecipientId = Parent,
        MessageTimestamp = Morning,
    };

    public static SearchRequest Search(string query, int limit = 100) =>
        SearchQueryReader.TryRead(query, out var read, out var error) ? new SearchRequest(read, Nurse, limit) : throw new ArgumentException(error, nameof(query));
}
