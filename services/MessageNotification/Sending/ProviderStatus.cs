namespace WhiteCross.MessageNotification;

/// <summary>How a provider is at the moment, as this instance sees it.</summary>
/// <param name="Provider">Which one: <c>email</c>, <c>sms</c> or <c>push</c>.</param>
/// <param name="IsAway">Whether nothing but single tries goes to it.</param>
/// <param name="OpenSince">Since when its circuit is open; null when it is not.</param>
/// <param name="NextTry">When it is tried next; null when nothing holds it back.</param>
/// <param name="Waiting">How many of this instance's notifications wait for it.</param>
internal sealed record ProviderStatus(string Provider, bool IsAway, DateTimeOffset? OpenSince, DateTimeOffset? NextTry, int Waiting);
