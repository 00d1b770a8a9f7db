using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>A scanner that speaks clamd's INSTREAM, and says what a test wants of what it has got.</summary>
#pragma warning disable CA1001 // The source of its end outlives its end, which may come twice.
public sealed class ScannerServer : IAsyncDisposable
#pragma warning restore CA1001
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _serving;

    public ScannerServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What was scanned, whole.</summary>
    public ConcurrentQueue<byte[]> Scanned { get; } = new();

    /// <summary>What it answers; null: it closes the connection without an answer.</summary>
    public Func<byte[], string?> Verdict { get; set; } = _ => "stream: OK";

    /// <summary>Whether it breaks off as soon as a part has come.</summary>
    public bool BreaksOff { get; set; }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped.IsCancellationRequested)
        {
            await _stopped.CancelAsync();
            _listener.Stop();
            await _serving;
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopped.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            var command = new byte["zINSTREAM\0".Length];
            await stream.ReadExactlyAsync(command, _stopped.Token);
            Assert.Equal("zINSTREAM\0", Encoding.ASCII.GetString(command));
            using var content = new MemoryStream();
            while (true)
            {
                var head = new byte[4];
                await stream.ReadExactlyAsync(head, _stopped.Token);
                var length = BinaryPrimitives.ReadInt32BigEndian(head);
                if (length == 0)
                {
                    break;
                }

                var part = new byte[length];
                await stream.ReadExactlyAsync(part, _stopped.Token);
                content.Write(part);
                if (BreaksOff)
                {
                    return;
                }
            }

            Scanned.Enqueue(content.ToArray());
            if (Verdict(content.ToArray()) is { } verdict)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(verdict + "\0"), _stopped.Token);
            }
        }
        catch (IOException)
        {
            // Who asked has gone.
        }
    }
}
