using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.MessageNotification;

/// <summary>Ids that follow from a job's id, so that every attempt arrives at the same ones.</summary>
internal static class NotificationIds
{
    /// <summary>
    /// The id of a notification whose job names none: the job's, where that is a uuid. Otherwise it follows from the job, and not from its id alone: once a
    /// job is forgotten, another may have its id, long before its notification is forgotten too.
    /// </summary>
    public static Guid OfJob(string jobId, DateTimeOffset createdAt)
    {
        if (Guid.TryParse(jobId, out var id))
        {
            return id;
        }

        // A uuid of version 8 (RFC 9562): free to be made from a digest.
        var bytes = Digest(string.Create(CultureInfo.InvariantCulture, $"{jobId}\n{createdAt.ToUnixTimeMilliseconds()}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The part of an e-mail's Message-ID before the @.</summary>
    public static string MessageIdOf(string jobId) => $"notification-{Convert.ToHexStringLower(Digest(jobId)[..16])}";

    private static byte[] Digest(string jobId) => SHA256.HashData(Encoding.UTF8.GetBytes($"message-notification/{jobId}"));
}
