using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>Connections to the SMTP server: opened and logged in when needed, kept for the next mail, at most so many at once.</summary>
internal sealed class SmtpConnections(IOptions<EmailOptions> options, TimeProvider time) : IAsyncDisposable
{
    private readonly EmailOptions _options = options.Value;
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConnections);
    private readonly ConcurrentStack<SmtpConnection> _idle = new();

    /// <summary>A connection that the server has just answered on.</summary>
    public async Task<SmtpConnection> RentAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
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

            return await OpenAsync(cancellationToken);
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
    private static async Task<bool> IsAliveAsync(SmtpConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Client.NoOpAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<SmtpConnection> OpenAsync(CancellationToken cancellationToken)
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
            await client.ConnectAsync(_options.Host!, _options.EffectivePort, security, cancellationToken);
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
