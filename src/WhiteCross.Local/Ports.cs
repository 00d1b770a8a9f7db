using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace WhiteCross.Local;

/// <summary>The ports of the local system: looked at before anything starts, so that a busy one is a clear message.</summary>
internal static class Ports
{
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
