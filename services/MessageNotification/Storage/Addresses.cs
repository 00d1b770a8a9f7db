using MimeKit;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>Addresses as they are compared, and as they are shown.</summary>
internal static class Addresses
{
    /// <summary>Before what is kept in the place of an address whose owner has been erased. No address begins with it.</summary>
    public const string HashMark = "#";

    /// <summary>
    /// The form in which two addresses are the same. Whether a server tells capitals from small letters before the @ only that server knows; hardly one does,
    /// and a bounced address in another spelling must not be written to again.
    /// </summary>
    public static string Comparable(NotificationType channel, string address)
    {
        if (channel != NotificationType.Email)
        {
            return address.Trim();
        }

        return MailboxAddress.TryParse(address, out var mailbox) && MailboxAddress.EncodeAddrspec(mailbox.Address) is { } ascii
            ? ascii.ToLowerInvariant()
            : address.Trim().ToLowerInvariant();
    }

    /// <summary>Enough of an address to tell it from others on a list, and not enough to write to it.</summary>
    public static string Masked(NotificationType channel, string address)
    {
        if (address.StartsWith(HashMark, StringComparison.Ordinal))
        {
            return "(erased)";
        }

        var at = address.LastIndexOf('@');
        return channel == NotificationType.Email && at > 0 ? $"{address[0]}…{address[at..]}"
            : address.Length > 4 ? $"{address[..2]}…{address[^2..]}"
            : "…";
    }
}
