using System.Security.Cryptography;
using System.Text;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// The bytes of attachments, sealed at rest: each with a key of its own, which lies sealed in the attachment's row. All of them, since an upload does not know
/// yet which messages will name it. So a change of keys touches rows only, and a file or a backup of files is nothing without its row.
/// </summary>
internal sealed class AttachmentContents(IAttachmentStore store, JobSealing sealing)
{
    private const int KeyLength = 32;

    /// <summary>A key for an attachment, as it is and as its row has it; none where nothing is sealed.</summary>
    public (byte[] Key, string Sealed)? NewKey(Guid id)
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        var text = sealing.Seal(key, Place(id));
        return JobSeal.IsSealed(text) ? (key, Encoding.ASCII.GetString(text)) : null;
    }

    /// <summary>The row's key, sealed as it would be now; null when what it is sealed with is gone.</summary>
    public string? SealAnew(Guid id, string sealedKey)
    {
        var text = Encoding.ASCII.GetBytes(sealedKey);
        return sealing.IsSealedAsNow(text) ? sealedKey
            : sealing.Open(text, Place(id)) is { } key && sealing.Seal(key, Place(id)) is var anew && JobSeal.IsSealed(anew) ? Encoding.ASCII.GetString(anew)
            : null;
    }

    /// <summary>Stores an attachment.</summary>
    /// <returns>How many bytes there were.</returns>
    public async Task<long> SaveAsync(Guid id, byte[]? key, Stream content, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            return await store.SaveAsync(id, content, cancellationToken);
        }

        await using var pieces = new SealingStream(content, key);
        await store.SaveAsync(id, pieces, cancellationToken);
        return pieces.PlainLength;
    }

    /// <summary>Opens an attachment to read; null when there is none. The stream can seek.</summary>
    /// <exception cref="CryptographicException">Its key is gone.</exception>
    public async Task<Stream?> OpenReadAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        var key = attachment.SealedKey is { } sealedKey
            ? sealing.Open(Encoding.ASCII.GetBytes(sealedKey), Place(attachment.Id)) ?? throw new CryptographicException($"Attachment {attachment.Id} is sealed with a key that is gone.")
            : null;
        return await store.OpenReadAsync(attachment.Id, cancellationToken) is not { } content ? null
            : key is null ? content
            : new OpenedStream(content, key, attachment.Size ?? 0);
    }

    private static string Place(Guid id) => $"attachment\n{id}";
}
