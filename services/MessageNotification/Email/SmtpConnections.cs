using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace WhiteCross.MessageNotification;

/// <summary>Connections to the SMTP server: opened and logged in when needed, kept for the next mail, at most so many at once.</summary>
internal sealed class SmtpConnections(SmtpServerOptions options, TimeProvider time) : IAsyncDisposable
{
    // Within the time that a run waits for a send.
    private static readonly TimeSpan SlotPatience = TimeSpan.FromSeconds(3);

    private readonly Lazy<string> _localDomain = new(() => options.LocalDomain is { Length: > 0 } set ? set : OwnName());
    private readonly SmtpServerOptions _options = options;
    private readonly SemaphoreSlim _slots = new(options.MaxConnections);
    private readonly ConcurrentStack<SmtpConnection> _idle = new();

    /// <summary>Waits a moment for one of the connections that may be open at once: waiting for ourselves is no part of what a send may take.</summary>
    /// <returns>Whether there is one; then <see cref="OpenAsync"/> is next.</returns>
    public async Task<bool> TakeSlotAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(SlotPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _slots.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A connection that the server has just answered on.</summary>
    public async Task<SmtpConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_idle.TryPop(out var idle))
            {
                if (time.GetElapsedTime(idle.UnusedSince) < _options.IdleTimeout && await IsAliveAsync(idle, cancellationToken))
                {
                    return idle;
                }

                idle.Dispose();
            }

            return await ConnectAsync(cancellationToken);
        }
        catch
        {
            _slots.Release();
            throw;
        }
    }

    /// <summary>Gives a connection back; one that is no longer good is closed.</summary>
    public void Return(SmtpConnection connection, bool isGood)
    {
        if (isGood && connection.Client.IsConnected)
        {
            connection.UnusedSince = time.GetTimestamp();
            _idle.Push(connection);
        }
        else
        {
            connection.Dispose();
        }

        _slots.Release();
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryPop(out var idle))
        {
            try
            {
                await idle.Client.DisconnectAsync(quit: true);
            }
            catch (Exception exception) when (exception is IOException or SmtpProtocolException or SmtpCommandException or ObjectDisposedException)
            {
                // It is going away in any case.
            }

            idle.Dispose();
        }

        _slots.Dispose();
    }

    // Servers hang up on idle clients; that must not cost a mail its attempt.
    private async Task<bool> IsAliveAsync(SmtpConnection connection, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SmtpSteps.Alive, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await connection.Client.NoOpAsync(either.Token);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<SmtpConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = new SmtpConnection();
        try
        {
            var client = connection.Client;
            client.Timeout = System.Threading.Timeout.Infinite;
            if (_options.CertificateAuthority is { } file)
            {
                // Authorities inside the house seldom publish revocations.
                client.CheckCertificateRevocation = false;
                client.ServerCertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None || IsFrom(file, certificate, errors);
            }

            var security = _options.Security switch
            {
                SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
                SmtpSecurity.None => SecureSocketOptions.None,
                _ => SecureSocketOptions.StartTls,
            };
            client.LocalDomain = _localDomain.Value;
            var socket = await ReachAsync(cancellationToken);
            using var greeting = new CancellationTokenSource(SmtpSteps.Command, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(greeting.Token, cancellationToken);
            cancellationToken = either.Token;
            await client.ConnectAsync(socket, _options.Host!, _options.EffectivePort, security, cancellationToken);
            if (_options.UserName is { Length: > 0 } user)
            {
                await client.AuthenticateAsync(user, _options.Password!, cancellationToken);
            }

            // BDAT sends command and mail in one; with DATA the server's go-ahead lies between "not sent" and "unknown".
            client.Capabilities &= ~SmtpCapabilities.Chunking;
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<Socket> ReachAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SmtpSteps.Connect, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_options.Host!, _options.EffectivePort, either.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Servers refuse a bare machine name, which is all that a container has; its address they take.
    private static string OwnName()
    {
        var name = Dns.GetHostName();
        try
        {
            var entry = Dns.GetHostEntry(name);
            return entry.HostName.Contains('.', StringComparison.Ordinal) ? entry.HostName
                : entry.AddressList.FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork) is { } address ? $"[{address}]"
                : entry.AddressList is [var first, ..] ? $"[IPv6:{first.ToString().Split('%')[0]}]"
                : "[127.0.0.1]";
        }
        catch (SocketException)
        {
            return name.Contains('.', StringComparison.Ordinal) ? name : "[127.0.0.1]";
        }
    }

    private static bool IsFrom(string authorityFile, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || errors != SslPolicyErrors.RemoteCertificateChainErrors)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(authorityFile);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var server = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(server);
    }
}

/// <summary>A connection to the SMTP server.</summary>
internal sealed class SmtpConnection : IDisposable
{
    public SmtpConnection() => Client = new SmtpClient(Watch);

    /// <summary>Knows whether a mail has begun to go out.</summary>
    public DataWatch Watch { get; } = new();

    public SmtpClient Client { get; }

    /// <summary>When it was last given back, as <see cref="TimeProvider.GetTimestamp"/> counts.</summary>
    public long UnusedSince { get; set; }

    public void Dispose() => Client.Dispose();
}
