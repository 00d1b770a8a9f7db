using System.Net;
using System.Net.Sockets;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>Stands between a service and its sidecar: takes connections, and lets nothing through until it is released.</summary>
internal sealed class HeldLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, FreePorts.Take());
    private readonly TaskCompletionSource<int> _target = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _tasks = [];

    public HeldLine()
    {
        _listener.Start();
        _tasks.Add(AcceptAsync());
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public void Release(int port) => _target.SetResult(port);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_tasks);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient near)
    {
        using var far = new TcpClient();
        try
        {
            using (near)
            {
                await far.ConnectAsync(IPAddress.Loopback, await _target.Task.WaitAsync(_end.Token), _end.Token);
                await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), _end.Token), far.GetStream().CopyToAsync(near.GetStream(), _end.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
        {
            // The test is over, or one of the two.
        }
    }
}
