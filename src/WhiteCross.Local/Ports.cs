using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace WhiteCross.Local;

/// <summary>The ports of the local system: looked at before anything starts, so that a busy one is a clear message.</summary>
internal static class Ports
{
    /// <summary>Refuses options that give two things one port, or ports that there are not.</summary>
    /// <exception cref="LocalStartException">They do.</exception>
    public static void Check(LocalOptions options, int count, int grpcCount)
    {
        (string Option, int First, int Count)[] ranges =
            [("--port", options.Port, count), ("--sidecar-http-port", options.SidecarHttpPort, count), ("--sidecar-grpc-port", options.SidecarGrpcPort, grpcCount)];
        foreach (var (option, first, length) in ranges)
        {
            if (first < 0 || first + length - 1 > IPEndPoint.MaxPort)
            {
                throw new LocalStartException($"{option} is {first}; it must be from 1 to {IPEndPoint.MaxPort - length + 1}, since {length} ports are taken from it on; or 0 for any that are free.");
            }
        }

        for (var i = 0; i < ranges.Length; i++)
        {
            for (var j = i + 1; j < ranges.Length; j++)
            {
                var (one, other) = (ranges[i], ranges[j]);
                if (one.First != 0 && other.First != 0 && one.First < other.First + other.Count && other.First < one.First + one.Count)
                {
                    throw new LocalStartException(
                        $"{one.Option} {one.First} takes the ports to {one.First + one.Count - 1}, and {other.Option} {other.First} those to {other.First + other.Count - 1}: they overlap. Move one of them.");
                }
            }
        }
    }

    /// <summary>The ports that are busy of those named.</summary>
    public static IReadOnlyList<int> Busy(IEnumerable<int> ports)
    {
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(endpoint => endpoint.Port).ToHashSet();
        return [.. ports.Where(listening.Contains)];
    }

    /// <summary>Free ports, all different.</summary>
    public static int[] Free(int count)
    {
        var listeners = new List<TcpListener>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }
}
