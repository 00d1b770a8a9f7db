using System.Buffers.Text;
using System.Text;
using System.Threading.Channels;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// The message that a script publishes of all changes it made: the time in milliseconds and a semicolon, then for each change a letter for its kind,
/// a letter for the job's state, the id and, of progress and log lines, what is new; each as its length in bytes, a colon, and the bytes.
/// </summary>
internal static class ChangeMessage
{
    /// <summary>Hands the message's changes on, in their order.</summary>
    public static void Read(string queue, ReadOnlySpan<byte> message, ChannelWriter<JobChange> to)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(ReadNumber(ref message));
        while (message.Length > 2)
        {
            var kind = message[0];
            var state = RecordReader.ReadState((char)message[1]);
            message = message[2..];
            var id = Encoding.UTF8.GetString(ReadPart(ref message));
            to.TryWrite(kind switch
            {
                (byte)'p' => new JobChange(queue, id, JobChangeKind.Progress, state, at, Progress: StoredJson.Progress(ReadPart(ref message))),
                (byte)'l' => new JobChange(queue, id, JobChangeKind.Log, state, at, Line: Encoding.UTF8.GetString(ReadPart(ref message))),
                (byte)'r' => new JobChange(queue, id, JobChangeKind.Removed, state, at),
                _ => new JobChange(queue, id, JobChangeKind.State, state, at),
            });
        }
    }

    private static ReadOnlySpan<byte> ReadPart(ref ReadOnlySpan<byte> message)
    {
        var length = (int)ReadNumber(ref message);
        var part = message[..length];
        message = message[length..];
        return part;
    }

    /// <summary>Reads a number and the one character after it.</summary>
    private static long ReadNumber(ref ReadOnlySpan<byte> message)
    {
        if (!Utf8Parser.TryParse(message, out long number, out var length))
        {
            throw new FormatException("The message of changes is not of this version.");
        }

        message = message[(length + 1)..];
        return number;
    }
}
