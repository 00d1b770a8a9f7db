using System.Text;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs;

/// <summary>Cuts texts to the bytes that a record may hold, with a mark where something is missing.</summary>
public static class TextLimits
{
    /// <summary>Bytes of UTF-8 that an error's message may have.</summary>
    public const int ErrorMessage = JobLimits.ErrorMessageBytes;

    /// <summary>Bytes of UTF-8 that an error's stack may have.</summary>
    public const int ErrorStack = JobLimits.ErrorStackBytes;

    /// <summary>Bytes of UTF-8 that a log line may have.</summary>
    public const int LogLine = JobLimits.LogLineBytes;

    /// <summary>Bytes of JSON that a job's or a step's result may have.</summary>
    public const int Result = JobLimits.ResultBytes;

    private const string Mark = "… [cut]";

    /// <summary>The text, or as much of it as fits, with a mark at the end when some is missing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maximumBytes">The most bytes of UTF-8 that the outcome may have.</param>
    public static string Cut(string text, int maximumBytes)
    {
        if (text.Length <= maximumBytes / 3 || (text.Length <= maximumBytes && Encoding.UTF8.GetByteCount(text) <= maximumBytes))
        {
            return text;
        }

        var room = maximumBytes - Encoding.UTF8.GetByteCount(Mark);
        var kept = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Utf8SequenceLength > room)
            {
                break;
            }

            room -= rune.Utf8SequenceLength;
            kept += rune.Utf16SequenceLength;
        }

        return string.Concat(text.AsSpan(0, kept), Mark);
    }
}
