using System.Net;
using System.Text.RegularExpressions;
using CsCheck;

namespace WhiteCross.MessageIndexing.Tests;

public sealed partial class SnippetTests
{
    [Theory]
    [InlineData("tests", "Testing, tested: <test>", "<mark>Testing</mark>, <mark>tested</mark>: &lt;<mark>test</mark>&gt;")]
    [InlineData("\"blood test\"", "blood & blood-test", "blood &amp; <mark>blood-test</mark>")]
    [InlineData("medicat*", "medication for a medic", "<mark>medication</mark> for a medic")]
    [InlineData("fever \"fever chills\"", "fever chills fever", "<mark>fever chills</mark> <mark>fever</mark>")]
    [InlineData("fever -chills", "fever", "<mark>fever</mark>")]
    [InlineData("jose", "\"José\"\nis 'well'", "&quot;<mark>José</mark>&quot; is &#39;well&#39;")]
    public void Marks_what_matches_and_escapes_the_rest(string query, string content, string snippet) =>
        Assert.Equal(snippet, Snippet.Of(content, Some.Search(query).Query));

    [Fact]
    public void Long_message__is_cut_around_where_it_matches_most()
    {
        var filler = string.Join(' ', Enumerable.Repeat("nothing of interest", 40));
        var content = $"fever {filler} chills and fever {filler}";

        var snippet = Snippet.Of(content, Some.Search("fever chills").Query);

        Assert.Contains("<mark>chills</mark> and <mark>fever</mark>", snippet, StringComparison.Ordinal);
        Assert.StartsWith("…", snippet, StringComparison.Ordinal);
        Assert.EndsWith("…", snippet, StringComparison.Ordinal);
        Assert.InRange(snippet.Length, 150, 260);
        Assert.All(Word().Matches(WebUtility.HtmlDecode(Tag().Replace(snippet, ""))), word => Assert.Contains(word.Value, "fever nothing of interest chills and".Split(' ')));
    }

    [Fact]
    public void Of_any_message__without_its_marks__is_a_part_of_it()
    {
        Gen.Select(Gen.String[0, 600], Gen.String[0, 600]).Sample((before, after) =>
        {
            var content = $"{before} fever {after}";
            var snippet = Snippet.Of(content, Some.Search("fever").Query);

            Assert.Contains("<mark>fever</mark>", snippet, StringComparison.Ordinal);
            var text = WebUtility.HtmlDecode(Tag().Replace(snippet, "")).Trim('…');
            var blank = new string([.. content.Select(character => char.IsControl(character) ? ' ' : character)]);
            Assert.Contains(text.Trim('…'), blank, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"<(?!/?mark>)", snippet);
        });
    }

    [GeneratedRegex("</?mark>")]
    private static partial Regex Tag();

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Word();
}
