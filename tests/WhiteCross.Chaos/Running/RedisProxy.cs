using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace WhiteCross.Chaos.Running;

/// <summary>
/// Stands between the services and Redis. On demand it loses answers: a command goes through and is done, and whoever sent it learns nothing, since its
/// connection is cut or goes silent.
/// </summary>
internal sealed class RedisProxy : IAsyncDisposable
{
    // Long enough to say hello and to begin something, short enough to lose many answers in a second.
    private static readonly TimeSpan LongestWhole = TimeSpan.FromMilliseconds(400);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _redis;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private volatile Losing? _losing;
    private int _lost;

    public RedisProxy(int redisPort, TimeProvider time)
    {
        _redis = new IPEndPoint(IPAddress.Loopback, redisPort);
        _time = time;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary><c>host:port</c> for those who want Redis.</summary>
    public string EndPoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>How often answers were lost.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>Loses answers for a while. Who connects again meanwhile gets some answers, and loses the next.</summary>
    public async Task LoseAnswersAsync(TimeSpan lasts, CancellationToken cancellationToken)
    {
        var losing = new Losing(_time.GetTimestamp());
        _losing = losing;
        try
        {
            await Task.Delay(lasts, _time, cancellationToken);
        }
        finally
        {
            _losing = null;
            losing.End();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_closing.Token)));
                connections.RemoveWhere(connection => connection.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(_redis, over.Token);
                var (since, whole) = (_time.GetTimestamp(), LongestWhole * RandomNumberGenerator.GetInt32(1, 100) / 100);
                await await Task.WhenAny(PassAsync(client, server, over.Token), AnswerAsync());

                async Task AnswerAsync()
                {
                    var buffer = new byte[16 * 1024];
                    while (await server.ReceiveAsync(buffer, over.Token) is > 0 and var length)
                    {
                        if (_losing is { } losing && _time.GetElapsedTime(Math.Max(since, losing.Since)) > whole)
                        {
                            Interlocked.Increment(ref _lost);
                            await losing.LoseAsync();
                            return;
                        }

                        await SendAllAsync(client, buffer.AsMemory(0, length), over.Token);
                    }
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // One of the two has gone; the other is told by the end of its connection.
            }

            await over.CancelAsync();
        }
    }

    private static async Task PassAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var length)
        {
            await SendAllAsync(to, buffer.AsMemory(0, length), cancellationToken);
        }
    }

    private static async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await to.SendAsync(bytes, cancellationToken)..];
        }
    }

    /// <summary>A time in which answers are lost. Of four connections three are cut at once, one stays open and says nothing until it is over.</summary>
    private sealed class Losing(long since)
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Since => since;

        public Task LoseAsync() => RandomNumberGenerator.GetInt32(4) == 0 ? _over.Task : Task.CompletedTask;

        public void End() => _over.TrySetResult();
    }
}
