using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MimeKit;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>An SMTP server over TCP: STARTTLS, TLS, AUTH, replies and broken connections as a test asks for them.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _sessions = new();
    private readonly TestCertificates? _certificates;
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;
    private int _connections;

    public SmtpServer(TestCertificates? certificates = null, int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _certificates = certificates;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether it speaks TLS from the first byte.</summary>
    public bool Tls { get; init; }

    /// <summary>Whom it lets in; null for everybody.</summary>
    public (string User, string Password)? Login { get; init; }

    /// <summary>The answer to a command instead of the usual one; null for that; empty hangs up.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    /// <summary>The answer to a mail, after it was taken; empty hangs up without one.</summary>
    public string MailAnswer { get; set; } = "250 2.0.0 Ok";

    /// <summary>What is awaited between a mail and its answer.</summary>
    public Func<Task> BeforeMailAnswer { get; set; } = () => Task.CompletedTask;

    /// <summary>The mails that the server has said yes to: what a provider counts as sent.</summary>
    public ConcurrentQueue<MimeMessage> Accepted { get; } = new();

    /// <summary>Called when a mail was taken, before it is answered.</summary>
    public Action MailTaken { get; set; } = () => { };

    public int Connections => _connections;

    public ConcurrentQueue<string> Commands { get; } = new();

    public ConcurrentQueue<MimeMessage> Mails { get; } = new();

    /// <summary>The mails byte for byte, as they came over the wire.</summary>
    public ConcurrentQueue<byte[]> RawMails { get; } = new();

    public ConcurrentQueue<bool> MailsByTls { get; } = new();

    /// <summary>Hangs up on everybody.</summary>
    public void HangUp()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        HangUp();
        await _accepting;
        await Task.WhenAll(_sessions.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                _clients.Add(client);
                Interlocked.Increment(ref _connections);
                _sessions.TryAdd(ServeAsync(client), 0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await TalkAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or AuthenticationException or InvalidOperationException)
        {
            // The client is gone.
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        var isSecure = Tls;
        stream = Tls ? await SecureAsync(stream) : stream;
        var lines = new Lines(stream);
        if (!await ReplyAsync(stream, Answer("CONNECT") ?? "220 test ESMTP"))
        {
            return;
        }

        while (await lines.ReadAsync(_stop.Token) is { } line)
        {
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            Commands.Enqueue(verb == "AUTH" ? "AUTH" : line);
            var answer = Answer(line) ?? Usual(line, verb, isSecure);
            if (!await ReplyAsync(stream, answer))
            {
                return;
            }

            switch (verb)
            {
                case "QUIT":
                    return;
                case "STARTTLS" when answer.StartsWith('2'):
                    stream = await SecureAsync(stream);
                    lines = new Lines(stream);
                    isSecure = true;
                    break;
                case "DATA" when answer.StartsWith('3'):
                    if (await lines.ReadMailAsync(_stop.Token) is not { } mail)
                    {
                        return;
                    }

                    var message = MimeMessage.Load(new MemoryStream(mail));
                    RawMails.Enqueue(lines.LastMail);
                    Mails.Enqueue(message);
                    MailsByTls.Enqueue(isSecure);
                    MailTaken();
                    await BeforeMailAnswer();
                    if (MailAnswer.StartsWith('2'))
                    {
                        Accepted.Enqueue(message);
                    }

                    if (!await ReplyAsync(stream, MailAnswer))
                    {
                        return;
                    }

                    break;
            }
        }
    }

    private string Usual(string line, string verb, bool isSecure) => verb switch
    {
        "EHLO" => string.Join("\r\n", [
            "250-test", "250-PIPELINING", .. _certificates is not null && !isSecure ? new[] { "250-STARTTLS" } : [],
            .. Login is not null ? new[] { "250-AUTH PLAIN" } : [], "250-CHUNKING", "250 8BITMIME"]),
        "STARTTLS" => "220 2.0.0 Ready",
        "AUTH" => Login is { } login && line.Split(' ') is [_, "PLAIN", var secret]
            && Encoding.UTF8.GetString(Convert.FromBase64String(secret)) == $"\0{login.User}\0{login.Password}" ? "235 2.7.0 Welcome" : "535 5.7.8 No",
        "DATA" => "354 Go on",
        "QUIT" => "221 2.0.0 Bye",
        _ => "250 2.1.0 Ok",
    };

    private async Task<SslStream> SecureAsync(Stream stream)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificates!.Server }, _stop.Token);
        return secure;
    }

    private async Task<bool> ReplyAsync(Stream stream, string reply)
    {
        if (reply.Length == 0)
        {
            return false;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{reply}\r\n"), _stop.Token);
        return true;
    }

    private sealed class Lines(Stream stream)
    {
        private readonly byte[] _buffer = new byte[4096];
        private readonly List<byte> _raw = [];
        private int _start;
        private int _end;

        /// <summary>The last mail byte for byte.</summary>
        public byte[] LastMail { get; private set; } = [];

        public async Task<string?> ReadAsync(CancellationToken cancellationToken)
        {
            var line = new List<byte>();
            while (await NextAsync(cancellationToken) is { } next)
            {
                if (next == '\n')
                {
                    return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                }

                line.Add(next);
            }

            return null;
        }

        /// <summary>The mail; null when the client is gone before its end, so that it is not taken.</summary>
        public async Task<byte[]?> ReadMailAsync(CancellationToken cancellationToken)
        {
            var mail = new StringBuilder();
            _raw.Clear();
            while (await ReadAsync(cancellationToken) is { } line)
            {
                if (line == ".")
                {
                    LastMail = [.. _raw];
                    return Encoding.UTF8.GetBytes(mail.ToString());
                }

                mail.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            }

            return null;
        }

        private async ValueTask<byte?> NextAsync(CancellationToken cancellationToken)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
            }

            if (_end == 0)
            {
                return null;
            }

            _raw.Add(_buffer[_start]);
            return _buffer[_start++];
        }
    }
}
