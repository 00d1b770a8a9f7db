using System.Text;
using System.Text.RegularExpressions;
using MimeKit.Text;

namespace WhiteCross.MessageNotification;

/// <summary>Makes the text part of a mail that came with HTML only: what a reader would see, with the addresses of its links.</summary>
internal static partial class PlainText
{
    /// <summary>The text of an HTML document.</summary>
    public static string Of(string html)
    {
        using var reader = new StringReader(html);
        var tokenizer = new HtmlTokenizer(reader) { DecodeCharacterReferences = true };
        var text = new StringBuilder();
        string? link = null;
        var unseen = 0;
        while (tokenizer.ReadNextToken(out var token))
        {
            switch (token)
            {
                case HtmlTagToken { Id: HtmlTagId.Script or HtmlTagId.Style or HtmlTagId.Head or HtmlTagId.Title } tag when !tag.IsEmptyElement:
                    unseen = Math.Max(0, unseen + (tag.IsEndTag ? -1 : 1));
                    break;
                case HtmlTagToken { Id: HtmlTagId.A } tag:
                    if (tag.IsEndTag && link is not null && !text.ToString().EndsWith(link, StringComparison.Ordinal))
                    {
                        text.Append(" <").Append(link).Append('>');
                    }

                    link = tag.IsEndTag ? null : tag.Attributes.FirstOrDefault(one => one.Id == HtmlAttributeId.Href)?.Value;
                    break;
                case HtmlTagToken { Id: HtmlTagId.LI, IsEndTag: false }:
                    text.Append("\n- ");
                    break;
                case HtmlTagToken { Id: HtmlTagId.TD or HtmlTagId.TH, IsEndTag: true }:
                    text.Append(' ');
                    break;
                case HtmlTagToken { Id: HtmlTagId.Br or HtmlTagId.TR or HtmlTagId.Div }:
                    text.Append('\n');
                    break;
                case HtmlTagToken
                {
                    Id: HtmlTagId.P or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.H4 or HtmlTagId.H5 or HtmlTagId.H6 or HtmlTagId.UL or HtmlTagId.OL
                        or HtmlTagId.Table or HtmlTagId.BlockQuote,
                }:
                    text.Append("\n\n");
                    break;
                case HtmlDataToken data when unseen == 0:
                    text.Append(Spaces().Replace(data.Data, " "));
                    break;
            }
        }

        return ManyLines().Replace(AroundLines().Replace(text.ToString(), "\n"), "\n\n").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[ \t]*\n[ \t]*")]
    private static partial Regex AroundLines();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex ManyLines();
}
