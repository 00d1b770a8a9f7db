namespace WhiteCross.ServiceDefaults;

/// <summary>What traces show of requests to others.</summary>
public static class HttpTraces
{
    /// <summary>The address that a request's span shows in place of its own, which holds what must not be told.</summary>
    public static HttpRequestOptionsKey<string> ShownAddress { get; } = new("whitecross.shown-address");
}
