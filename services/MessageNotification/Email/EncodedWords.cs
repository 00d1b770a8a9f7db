using System.Text;
using MimeKit;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Writes a header's text as encoded words (RFC 2047) of at most 75 characters, one a line. MimeKit's own are longer where the text has no spaces, as in
/// Chinese or Japanese, and some servers refuse or break those.
/// </summary>
internal static class EncodedWords
{
    // 52 characters of base64 and 12 around them: the first line, which the name of the header begins, stays within 76, too.
    private const int MaxBytes = 39;

    /// <summary>Sets the subject of a mail.</summary>
    public static void SetSubject(MimeMessage mail, string subject)
    {
        if (Ascii.IsValid(subject))
        {
            mail.Subject = subject;
            return;
        }

        var header = new Header(HeaderId.Subject, string.Empty);
        header.SetRawValue(Encoding.ASCII.GetBytes($" {string.Join("\r\n ", Words(subject))}\r\n"));
        mail.Headers.Replace(header);
    }

    private static IEnumerable<string> Words(string text)
    {
        var bytes = new List<byte>(MaxBytes);
        var buffer = new byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            // A word ends between characters, never in one.
            var length = rune.EncodeToUtf8(buffer);
            if (bytes.Count + length > MaxBytes)
            {
                yield return Word(bytes);
                bytes.Clear();
            }

            bytes.AddRange(buffer.AsSpan(0, length));
        }

        yield return Word(bytes);
    }

    private static string Word(List<byte> bytes) => $"=?utf-8?b?{Convert.ToBase64String([.. bytes])}?=";
}
