using System.Buffers;
using System.IO.Pipelines;

namespace WhiteCross.Gateway;

/// <summary>Reads a stream line by line, whatever its length; a line beyond the limit is passed over.</summary>
internal sealed class LineReader(Stream stream, int longestLine) : IAsyncDisposable
{
    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end; null at the end of the stream. Empty, and marked, for one beyond the limit.</summary>
    public async ValueTask<(byte[]? Line, bool IsTooLong)> ReadAsync(CancellationToken cancellationToken)
    {
        var isTooLong = false;
        while (true)
        {
            var result = await _pipe.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                isTooLong |= line.Length > longestLine;
                var bytes = isTooLong ? [] : line.ToArray();
                _pipe.AdvanceTo(buffer.GetPosition(1, end));
                Number++;
                return (bytes is [.., (byte)'\r'] ? bytes[..^1] : bytes, isTooLong);
            }

            if (result.IsCompleted)
            {
                isTooLong |= buffer.Length > longestLine;
                var rest = isTooLong ? [] : buffer.ToArray();
                var isEnd = buffer.IsEmpty && !isTooLong;
                _pipe.AdvanceTo(buffer.End);
                Number += isEnd ? 0 : 1;
                return (isEnd ? null : rest, isTooLong);
            }

            if (buffer.Length > longestLine)
            {
                isTooLong = true;
                _pipe.AdvanceTo(buffer.End);
            }
            else
            {
                _pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();
}
