namespace WhiteCross.MessageNotification;

/// <summary>The words that say why a notification was not sent, or not yet.</summary>
internal static class Reasons
{
    /// <summary>The recipient does not want this channel, or this category by it.</summary>
    public const string OptedOut = "opted_out";

    /// <summary>It waits for the end of the recipient's quiet hours, or its time ends within them.</summary>
    public const string QuietHours = "quiet_hours";

    /// <summary>It waits for the mail that it goes in together with others.</summary>
    public const string Digest = "digest";

    /// <summary>The recipient has read it, or its message, already.</summary>
    public const string Read = "read";

    /// <summary>The recipient has said no to being written to at this address.</summary>
    public const string NoConsent = "no_consent";

    /// <summary>Nobody knows an address of the recipient; for the steps of an escalation, which are a courtesy.</summary>
    public const string NoAddress = "no_address";

    /// <summary>Another job has sent the same notification.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>It waits for its provider.</summary>
    public const string Provider = "provider";

    /// <summary>The address is on the suppression list.</summary>
    public static string Of(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Bounced => "address_bounced",
        SuppressionReason.Complained => "address_complained",
        SuppressionReason.Stop => "address_stop",
        _ => "address_manual",
    };
}
