using System.Globalization;
using System.Text.Json;
using CsCheck;
using WhiteCross.Sidecar.Cel;

namespace WhiteCross.Sidecar.Tests.Cel;

public sealed class CelExpressionTests
{
    private static readonly JsonElement Event = JsonDocument.Parse("""
        { "type": "urgent", "source": "ward/7", "data": { "a": 3, "b": "x", "list": [ 1, 2, 3 ], "none": null, "flag": true } }
        """).RootElement;

    [Theory]
    [InlineData("event.type == \"urgent\"", true)]
    [InlineData("event.type != 'urgent'", false)]
    [InlineData("event.data.a > 1", true)]
    [InlineData("event.data.a == 3", true)]
    [InlineData("event.data.a == 3.0 && event.data.a < 3.5 && event.data.a <= 3", true)]
    [InlineData("event.data.a >= 3.5 || event.data.b == 'x'", true)]
    [InlineData("!(event.data.a < 2) && event.data.flag", true)]
    [InlineData("event.data.none == null && event.data.a != null", true)]
    [InlineData("event.data.a * 2.0 == 6 && 2 * 3 * -1 == -6", true)]
    [InlineData("9007199254740993 * 1 > 9007199254740992.0 && -9007199254740993 * 1 < -9007199254740992.0", true)]
    [InlineData("event.type < 'v' && event.type > 'a'", true)]
    [InlineData("'it\\'s' == \"it's\"", true)]
    [InlineData("1 < 2 == true", true)]
    [InlineData("event.nothing == 1 && false", false)]
    [InlineData("false && event.nothing == 1", false)]
    [InlineData("event.nothing == 1 || true", true)]
    [InlineData("9007199254740993 > 9007199254740992.0", true)]
    [InlineData("'1' == 1", false)]
    [InlineData("event.type", false)]
    public void Computes_what_the_language_says(string expression, bool value) => Assert.Equal(value, CelExpression.Parse(expression, ["event"]).Matches(Event));

    [Theory]
    [InlineData("event.nothing", "there is no member 'nothing'")]
    [InlineData("event.type.x", "a string has no members")]
    [InlineData("event.data.list.x", "a list has no members")]
    [InlineData("event.data.a > 'x'", "double and string have no order")]
    [InlineData("event.data.a * 2 > 1", "'*' does not go with double and int")]
    [InlineData("!event.type", "a string stands where true or false is needed")]
    [InlineData("event.type && true", "a string stands where true or false is needed")]
    [InlineData("event.nothing && true", "there is no member 'nothing'")]
    [InlineData("9223372036854775807 * 2 > 1", "'*' leaves the range of its numbers")]
    public void Tells_why_there_is_no_value(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<CelEvaluationException>(() => CelExpression.Parse(expression, ["event"]).Matches(Event)).Message);

    [Theory]
    [InlineData("", "expected a value but found the end at character 1 of ''")]
    [InlineData("event.type ==", "expected a value but found the end at character 14 of 'event.type =='")]
    [InlineData("event.type = 'x'", "'=' is not part of the language at character 12 of 'event.type = 'x''")]
    [InlineData("event.", "expected the name of a member but found the end at character 7 of 'event.'")]
    [InlineData("(1", "expected ')' but found the end at character 3 of '(1'")]
    [InlineData("1 2", "expected an operator or the end but found a number at character 3 of '1 2'")]
    [InlineData("other.type", "'other' is not known; there is event, found at character 1 of 'other.type'")]
    [InlineData("'open", "a text has no closing quote at character 1 of ''open'")]
    [InlineData("99999999999999999999", "a number is too large or has more than one point at character 1 of '99999999999999999999'")]
    public void Tells_where_it_cannot_be_read(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(expression, ["event"])).Message);

    [Theory]
    [InlineData("has(event.data)", "has() is not served by the local sidecar at character 1 of 'has(event.data)'")]
    [InlineData("event.type.startsWith('u')", "startsWith() is not served by the local sidecar at character 12 of 'event.type.startsWith('u')'")]
    [InlineData("event['type'] == 'x'", "'[' is not served by the local sidecar at character 6 of 'event['type'] == 'x''")]
    [InlineData("event.type in event.data", "'in' is not served by the local sidecar at character 12 of 'event.type in event.data'")]
    [InlineData("event.data.a + 1 > 3", "'+' is not served by the local sidecar at character 14 of 'event.data.a + 1 > 3'")]
    [InlineData("event.data.a ? true : false", "'?' is not served by the local sidecar at character 14 of 'event.data.a ? true : false'")]
    [InlineData("3u == 3", "a number with letters (hexadecimal, unsigned or with an exponent) is not served by the local sidecar at character 1 of '3u == 3'")]
    [InlineData("'\\u0041' == 'A'", "'\\u' is not served by the local sidecar at character 2 of ''\\u0041' == 'A''")]
    public void Refuses_the_rest_of_the_language_by_name(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(expression, ["event"])).Message);

    [Fact]
    public void Neither_deep_nesting_nor_a_long_chain_ends_the_process()
    {
        foreach (var (open, close) in new[] { ("(", ")"), ("!", ""), ("-", "") })
        {
            var expression = string.Concat(Enumerable.Repeat(open, 300)) + "true" + string.Concat(Enumerable.Repeat(close, 300));
            var exception = Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(expression, []));
            Assert.StartsWith("the expression is nested too deeply at character ", exception.Message, StringComparison.Ordinal);
        }

        Assert.StartsWith(
            "the expression is too long at character ",
            Assert.Throws<CelSyntaxException>(() => CelExpression.Parse("true" + string.Concat(Enumerable.Repeat(" && true", 100_000)), [])).Message,
            StringComparison.Ordinal);
        Assert.True(CelExpression.Parse("true" + string.Concat(Enumerable.Repeat(" && true", 400)), []).IsTrue(static _ => null));
    }

    [Fact]
    public void Any_text_is_either_read_or_refused_with_a_place_inside_it() => Gen.String[Gen.Char["event.type'\"\\ =!<>&|()[]{}+-*/%?:,0123456789xu\n"], 0, 40].Sample(text =>
    {
        try
        {
            return CelExpression.Parse(text, ["event"]).Text == text;
        }
        catch (CelSyntaxException exception)
        {
            return exception.Offset >= 0 && exception.Offset <= text.Length;
        }
    });

    [Fact]
    public void Products_and_order_agree_with_those_of_the_host() =>
        Gen.Select(Gen.Int[-1000, 1000], Gen.Int[-1000, 1000], Gen.Long[-1_000_000, 1_000_000]).Sample((a, b, c) =>
            Is($"{a} * {b} <= {c}") == ((long)a * b <= c) && Is($"{a} * {b} == {c}") == ((long)a * b == c) && Is($"{a}.5 > {b}") == (double.Parse($"{a}.5", CultureInfo.InvariantCulture) > b));

    [Fact]
    public void Logic_agrees_with_that_of_the_host() => Logic(4).Sample(tree => CelExpression.Parse(tree.Text, ["a"]).IsTrue(static _ => true) == tree.Value);

    private static bool Is(string expression) => CelExpression.Parse(expression, []).IsTrue(static _ => null);

    private static Gen<(string Text, bool Value)> Logic(int depth)
    {
        var flag = Gen.Int[0, 2].Select(index => new[] { ("true", true), ("false", false), ("a", true) }[index]);
        return depth == 0
            ? flag
            : Gen.OneOf(
                flag,
                Logic(depth - 1).Select(inner => ($"!({inner.Text})", !inner.Value)),
                Gen.Select(Gen.Bool, Logic(depth - 1), Logic(depth - 1), (and, left, right) => (
                    $"({left.Text}) {(and ? "&&" : "||")} ({right.Text})", and ? left.Value && right.Value : left.Value || right.Value)));
    }
}
