using System.Collections.Frozen;

namespace WhiteCross.Sidecar.Http;

/// <summary>The headers of HTTP that are between two neighbours, and passed on by nobody who stands between others.</summary>
internal static class HopHeaders
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Content-Length");

    public static bool Contains(string name) => Names.Contains(name);
}
