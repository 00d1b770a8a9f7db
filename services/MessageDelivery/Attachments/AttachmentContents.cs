using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// The bytes of attachments, sealed at rest: each with a key of its own, which lies sealed in the attachment's row. All of them, since an upload does not know
/// yet which messages will name it. So a change of keys touches rows only, and a file or a backup of files is nothing without its row.
/// </summary>
internal sealed class AttachmentContents(IAttachmentStore store, JobSealing sealing)
{
    /// <summary>Before the key of an attachment that is being sealed: its content is as it was uploaded, or sealed with this key already.</summary>
    public const string BeingSealed = "?";

    private const int KeyLength = 32;

    /// <summary>Whether there are keys to seal with.</summary>
    public bool IsSealing => NewKey(Guid.Empty) is not null;

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
        var mark = IsBeingSealed(sealedKey) ? BeingSealed : string.Empty;
        var text = Encoding.ASCII.GetBytes(sealedKey[mark.Length..]);
        return sealing.IsSealedAsNow(text) ? sealedKey
            : sealing.Open(text, Place(id)) is { } key && sealing.Seal(key, Place(id)) is var anew && JobSeal.IsSealed(anew) ? mark + Encoding.ASCII.GetString(anew)
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

    /// <summary>Seals what was stored in the clear, all at once; fine where that is done already.</summary>
    /// <param name="id">The attachment.</param>
    /// <param name="sealedKey">Its row's key, marked as <see cref="BeingSealed"/>.</param>
    /// <param name="size">Its size.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False when there is no such content, or its key is gone.</returns>
    public async Task<bool> SealAsync(Guid id, string sealedKey, long size, CancellationToken cancellationToken)
    {
        if (KeyIn(id, sealedKey) is not { } key)
        {
            return false;
        }

        if (await store.ReplaceAsync(id, size, content => new SealingStream(content, key), cancellationToken))
        {
            return true;
        }

        await using var content = await store.OpenReadAsync(id, cancellationToken);
        return content?.Length == SealedPieces.LengthOf(size);
    }

    /// <summary>Opens an attachment to read; null when there is none. The stream can seek.</summary>
    /// <exception cref="CryptographicException">Its key is gone.</exception>
    public async Task<Stream?> OpenReadAsync(MessagesDbContext database, Attachment attachment, CancellationToken cancellationToken)
    {
        if (await store.OpenReadAsync(attachment.Id, cancellationToken) is not { } content)
        {
            return null;
        }

        var sealedKey = attachment.SealedKey;
        if (content.Length == attachment.Size && (sealedKey is null || IsBeingSealed(sealedKey)))
        {
            return content;
        }

        try
        {
            // It may have been sealed since its row was read.
            sealedKey ??= await database.Attachments.Where(row => row.Id == attachment.Id).Select(row => row.SealedKey).FirstOrDefaultAsync(cancellationToken);
            return sealedKey is null ? content
                : KeyIn(attachment.Id, sealedKey) is { } key ? new OpenedStream(content, key, attachment.Size ?? 0)
                : throw new CryptographicException($"Attachment {attachment.Id} is sealed with a key that is gone.");
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }

    private static bool IsBeingSealed(string sealedKey) => sealedKey.StartsWith(BeingSealed, StringComparison.Ordinal);

    private byte[]? KeyIn(Guid id, string sealedKey) => sealing.Open(Encoding.ASCII.GetBytes(sealedKey.TrimStart(BeingSealed[0])), Place(id));

    private static string Place(Guid id) => $"attachment\n{id}";
}
