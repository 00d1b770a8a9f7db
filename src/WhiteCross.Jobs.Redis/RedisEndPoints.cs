using System.Globalization;
using System.Net;

namespace WhiteCross.Jobs.Redis;

/// <summary>Reads <c>host</c>, <c>host:port</c>, or several of them, separated by commas.</summary>
internal static class RedisEndPoints
{
    public static bool CanParse(string hosts) => Split(hosts) is { Count: > 0 } all && all.TrueForAll(host => Read(host, 1) is not null);

    /// <summary>Whether the port is that of every host that has one.</summary>
    public static bool HavePort(string hosts, int port) => Parse(hosts, port).All(endPoint => endPoint switch
    {
        DnsEndPoint name => name.Port == port,
        IPEndPoint address => address.Port == port,
        _ => false,
    });

    public static IEnumerable<EndPoint> Parse(string hosts, int port) => Split(hosts).Select(host => Read(host, port)!);

    private static List<string> Split(string hosts) => [.. hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static EndPoint? Read(string text, int port)
    {
        // The colons of a bare IPv6 address are no port.
        var colon = Uri.CheckHostName(text) == UriHostNameType.IPv6 ? -1 : text.LastIndexOf(':');
        if (colon >= 0 && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > ushort.MaxValue))
        {
            return null;
        }

        var host = colon < 0 ? text : text[..colon];
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null
            : IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port)
            : new DnsEndPoint(host, port);
    }
}
