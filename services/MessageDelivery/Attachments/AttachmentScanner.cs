using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageDelivery;

/// <summary>Begins scans, where there is a scanner.</summary>
internal sealed class AttachmentScanner(IOptions<ScannerOptions> options, TimeProvider time)
{
    /// <summary>Begins to scan an attachment; null where nothing is scanned.</summary>
    /// <exception cref="ScannerAwayException">The scanner does not answer.</exception>
    public async Task<AttachmentScan?> BeginAsync(CancellationToken cancellationToken) => options.Value is { Host.Length: > 0 } settings
        ? await AttachmentScan.BeginAsync(settings, time, cancellationToken)
        : null;
}

/// <summary>
/// The scan of one attachment, by clamd's command INSTREAM: the content goes to the scanner in parts, each behind its length, while it is stored; then comes the verdict.
/// </summary>
internal sealed class AttachmentScan : IAsyncDisposable
{
    private const int LongestVerdict = 4096;

    private readonly TcpClient _client;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    private AttachmentScan(TcpClient client, TimeSpan timeout, TimeProvider time) => (_client, _timeout, _time) = (client, timeout, time);

    public static async Task<AttachmentScan> BeginAsync(ScannerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var scan = new AttachmentScan(new TcpClient { NoDelay = true }, options.Timeout, time);
        try
        {
            await scan.WithinTimeAsync(
                async token =>
                {
                    await scan._client.ConnectAsync(options.Host!, options.Port, token);
                    await scan._client.GetStream().WriteAsync("zINSTREAM\0"u8.ToArray(), token);
                    return true;
                },
                cancellationToken);
            return scan;
        }
        catch
        {
            await scan.DisposeAsync();
            throw;
        }
    }

    /// <summary>The content, of which the scanner sees what is read of it.</summary>
    public Stream Over(Stream content) => new ScannedStream(content, this);

    /// <summary>Ends the scan.</summary>
    /// <exception cref="InfectedAttachmentException">The scanner has found something.</exception>
    /// <exception cref="ScannerAwayException">The scanner has no verdict.</exception>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        var verdict = await WithinTimeAsync(
            async token =>
            {
                var stream = _client.GetStream();
                await stream.WriteAsync(new byte[4], token);
                var answer = new byte[LongestVerdict];
                var length = 0;
                while (length < answer.Length && await stream.ReadAsync(answer.AsMemory(length), token) is > 0 and var read)
                {
                    length += read;
                    if (answer[length - 1] == 0)
                    {
                        break;
                    }
                }

                return Encoding.UTF8.GetString(answer, 0, length).TrimEnd('\0', '\n');
            },
            cancellationToken);
        const string Begin = "stream: ";
        const string Found = " FOUND";
        if (verdict == "stream: OK")
        {
            return;
        }

        throw verdict.StartsWith(Begin, StringComparison.Ordinal) && verdict.EndsWith(Found, StringComparison.Ordinal) && verdict.Length > Begin.Length + Found.Length
            ? new InfectedAttachmentException(NameIn(verdict[Begin.Length..^Found.Length]))
            : new ScannerAwayException(verdict.Length == 0 ? "The scanner broke off without a verdict." : "The scanner gave no verdict; its own limits (StreamMaxLength) may be below Attachments:MaxBytes.");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string NameIn(string text) => new([.. text.Where(character => !char.IsControl(character)).Take(100)]);

    private Task<bool> SendAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken) => WithinTimeAsync(
        async token =>
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            await _client.GetStream().WriteAsync(length, token);
            await _client.GetStream().WriteAsync(part, token);
            return true;
        },
        cancellationToken);

    private async Task<T> WithinTimeAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await work(either.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ScannerAwayException("The scanner does not answer.", exception);
        }
    }

    private sealed class ScannedStream(Stream content, AttachmentScan scan) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await content.ReadAsync(buffer, cancellationToken);
            if (read > 0)
            {
                await scan.SendAsync(buffer[..read], cancellationToken);
            }

            return read;
        }
    }
}

/// <summary>The scanner has found something in an attachment.</summary>
internal sealed class InfectedAttachmentException(string found) : Exception("The scanner has found something in the attachment.")
{
    /// <summary>What the scanner calls it.</summary>
    public string Found { get; } = found;
}

/// <summary>The scanner does not answer, or has no verdict.</summary>
internal sealed class ScannerAwayException(string message, Exception? innerException = null) : Exception(message, innerException);
