using System.Net;
using System.Net.Sockets;

namespace WhiteCross.Testing;

/// <summary>
/// Ports for servers that tests start, kill and start again. They lie below those that the operating system gives to outgoing connections: one of those
/// could otherwise take a server's port while it is dead.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_000;
    private static readonly HashSet<int> Taken = [];

    /// <summary>A port that nobody listens on, and that this process has not been given before.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            lock (Taken)
            {
                if (!Taken.Add(port))
                {
                    continue;
                }
            }

            if (IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
