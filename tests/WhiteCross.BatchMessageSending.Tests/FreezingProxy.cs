using System.Net;
using System.Net.Sockets;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Stands before a port. Frozen, it accepts connections and lets nothing through, as a process does that hangs; nothing is lost meanwhile.</summary>
public sealed class FreezingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _thawed = Done();

    public FreezingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Freeze() => _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _thawed.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
                await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Nobody listens there: the client's connection is closed.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _ended.Token) is var count and > 0)
            {
                await _thawed.Task.WaitAsync(_ended.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _ended.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has closed.
        }
    }
}
