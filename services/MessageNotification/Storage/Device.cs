namespace WhiteCross.MessageNotification;

/// <summary>A device that a user is signed in on. A token is one app on one device, so it belongs to one user: the last who signed in there.</summary>
internal sealed class Device
{
    public required string Token { get; init; }

    public required Guid UserId { get; init; }

    /// <summary>For example <c>android</c>; null where the app did not say.</summary>
    public string? Platform { get; init; }

    public required DateTimeOffset SeenAt { get; init; }
}
