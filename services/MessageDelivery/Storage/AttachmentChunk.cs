namespace WhiteCross.MessageDelivery;

/// <summary>A piece of an attachment's content, in PostgreSQL. It goes with the attachment's row.</summary>
internal sealed class AttachmentChunk
{
    /// <summary>The attachment.</summary>
    public required Guid AttachmentId { get; init; }

    /// <summary>Where in the attachment it begins. Its size is its own: a later version may write larger ones.</summary>
    public required long Position { get; init; }

    /// <summary>The bytes from there on. An empty attachment has one piece of none.</summary>
#pragma warning disable CA1819 // EF Core maps arrays.
    public required byte[] Bytes { get; init; }
#pragma warning restore CA1819
}
