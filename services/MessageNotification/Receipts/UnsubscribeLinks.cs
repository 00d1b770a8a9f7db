using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What a link to unsubscribe says: whoever has it may opt this user out of this category by e-mail, and nothing else.</summary>
/// <param name="UserId">The user.</param>
/// <param name="NotificationId">The notification that it came with.</param>
/// <param name="Category">The category's name.</param>
internal sealed record UnsubscribeLink(Guid UserId, Guid NotificationId, string Category);

/// <summary>Makes and reads the signed links in mails by which their recipients unsubscribe without logging in.</summary>
internal sealed class UnsubscribeLinks(IOptions<NotificationOptions> options, PublicAddress address)
{
    private const int IdLength = 16;
    private const int SignatureLength = 16;

    // Of another purpose than whatever else the secret may be used for.
    private readonly byte[]? _key = options.Value.LinkKey is { Length: > 0 } secret
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "unsubscribe link"u8.ToArray())
        : null;

    /// <summary>The link for a mail; null where links are not set up, and for one-time codes, which nobody subscribes to.</summary>
    public Uri? Of(Guid notificationId, SendNotificationJob data)
    {
        if (_key is null || CategoryChoices.NameOf(data.Category) is not { } category)
        {
            return null;
        }

        byte[] content = [.. data.RecipientId.ToByteArray(), .. notificationId.ToByteArray(), .. Encoding.ASCII.GetBytes(category)];
        return address.Of($"{PublicAddress.UnsubscribePath}/{Base64Url.EncodeToString([.. Sign(content), .. content])}");
    }

    /// <summary>Reads a link's token.</summary>
    /// <returns>What it says; null when it is none of ours.</returns>
    public UnsubscribeLink? Read(string token)
    {
        if (_key is null || token.Length > 200 || !Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token).AsSpan();
        if (bytes.Length <= SignatureLength + (2 * IdLength))
        {
            return null;
        }

        var content = bytes[SignatureLength..];
        return CryptographicOperations.FixedTimeEquals(bytes[..SignatureLength], Sign(content))
            ? new UnsubscribeLink(new Guid(content[..IdLength]), new Guid(content[IdLength..(2 * IdLength)]), Encoding.ASCII.GetString(content[(2 * IdLength)..]))
            : null;
    }

    private byte[] Sign(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key!, content)[..SignatureLength];
}
