namespace WhiteCross.MessageDelivery;

/// <summary>What is known of an uploaded file; its bytes are in the <see cref="IAttachmentStore"/>.</summary>
internal sealed class Attachment
{
    /// <summary>The id that messages name it by.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who uploaded it.</summary>
    public required Guid UploaderId { get; init; }

    /// <summary>What its uploader calls it; only ever shown, never a path.</summary>
    public required string? FileName { get; init; }

    /// <summary>Its media type, as its uploader says.</summary>
    public required string ContentType { get; init; }

    /// <summary>Its size in bytes; null until the upload is complete.</summary>
    public long? Size { get; init; }

    /// <summary>The key that its bytes are sealed with, itself sealed; null where they are as they were uploaded.</summary>
    public string? SealedKey { get; init; }

    /// <summary>When the upload began. The clean-up goes by it.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>
/// That a message names an attachment which its sender may see: the sender's own, or one that was sent to the sender. It is what lets the message's
/// recipient see it; naming somebody else's attachment makes no such link, and opens nothing.
/// </summary>
internal sealed class MessageAttachment
{
    /// <summary>The attachment.</summary>
    public required Guid AttachmentId { get; init; }

    /// <summary>The message.</summary>
    public required Guid MessageId { get; init; }
}
