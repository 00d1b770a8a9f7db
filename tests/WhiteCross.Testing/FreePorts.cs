using System.Net;
using System.Net.Sockets;

namespace WhiteCross.Testing;

/// <summary>
/// Ports for servers that tests start, kill and start again. They lie below those that the operating system gives to outgoing connections: one of those
/// could otherwise take a server's port while it is dead. Each process of tests draws from blocks of ports that it has locked, so that several at once never
/// give out the same one, before it is bound or after.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_000;
    private const int BlockSize = 100;

    private static readonly Lock Lock = new();
    private static readonly List<FileStream> Blocks = []; // Locked until this process ends.
    private static int _next;
    private static int _end;

    /// <summary>A port that nobody listens on, and that no other process of tests is given while this one lives.</summary>
    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public static int Take()
    {
        lock (Lock)
        {
            while (true)
            {
                if (_next == _end)
                {
                    _next = LockBlock();
                    _end = _next + BlockSize;
                }

                var port = _next++;
                if (IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    private static int LockBlock()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"whitecross-test-ports-{Environment.UserName}")).FullName;
        var (count, start) = ((End - First) / BlockSize, Random.Shared.Next((End - First) / BlockSize));
        for (var i = 0; i < count; i++)
        {
            var port = First + ((start + i) % count * BlockSize);
            try
            {
                Blocks.Add(new FileStream(Path.Combine(folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                return port;
            }
            catch (IOException)
            {
                // Another process has it, or this one.
            }
        }

        throw new InvalidOperationException($"All ports from {First} to {End} are taken by tests that run.");
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
