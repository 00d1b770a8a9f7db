namespace WhiteCross.MessageNotification;

/// <summary>An SMS to hand to a provider.</summary>
/// <param name="NotificationId">The notification, for receipts.</param>
/// <param name="To">The number, in E.164.</param>
/// <param name="Text">What it says.</param>
internal sealed record SmsMessage(Guid NotificationId, string To, string Text)
{
    /// <summary>Says which one, and nothing of what it says or where it goes.</summary>
    public override string ToString() => $"SMS of {NotificationId}";
}

/// <summary>Takes SMS out of the house.</summary>
internal interface ISmsProvider
{
    /// <summary>Hands an SMS over.</summary>
    /// <param name="sms">The SMS.</param>
    /// <param name="mark">To step over before the provider may take it.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <returns>What the provider knows it by.</returns>
    /// <exception cref="SendFailedException">The provider has not taken it.</exception>
    Task<string> SendAsync(SmsMessage sms, SendingMark mark, CancellationToken cancellationToken);
}
