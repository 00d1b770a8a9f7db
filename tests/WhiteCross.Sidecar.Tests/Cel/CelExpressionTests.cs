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
    [InlineData("event.data.a >= 3.5 || event.data.b == 'x'", true)]
    [InlineData("event['data']['a'] == 3.0", true)]
    [InlineData("!(event.data.a < 2) && event.data.flag", true)]
    [InlineData("event.type in ['low', 'urgent']", true)]
    [InlineData("'a' in event.data", true)]
    [InlineData("'z' in event.data", false)]
    [InlineData("2 in event.data.list", true)]
    [InlineData("event.data.list[0] == 1 && event.data.list[2] == 3u", true)]
    [InlineData("has(event.data.a) && !has(event.data.z)", true)]
    [InlineData("has(event.data.none) && event.data.none == null", true)]
    [InlineData("event.source.startsWith('ward/') && event.source.endsWith('7') && event.source.contains('d/')", true)]
    [InlineData("event.source.matches('^ward/[0-9]+$')", true)]
    [InlineData("size(event.data.list) == 3 && event.type.size() == 6 && size(event.data) == 5", true)]
    [InlineData("event.data.a > 5 ? false : true", true)]
    [InlineData("event.data.list.exists(x, x > 2) && event.data.list.all(x, x > 0) && event.data.list.exists_one(x, x == 2)", true)]
    [InlineData("event.data.list.filter(x, x > 1).map(x, x * 2.0) == [4, 6]", true)]
    [InlineData("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3 && -7 % 3 == -1", true)]
    [InlineData("'a' + 'b' == 'ab' && [1] + [2] == [1, 2]", true)]
    [InlineData("{'a': 1, 'b': 2}.b == 2 && {'a': 1} == {'a': 1.0}", true)]
    [InlineData("int('12') + int(3.9) == 15 && double('1.5') == 1.5 && string(12) == '12' && uint(3) == 3u", true)]
    [InlineData("r'\\d' == '\\\\d' && '\\u0041\\x42' == 'AB' && '''it's''' == \"it's\"", true)]
    [InlineData("true // to the end", true)]
    [InlineData("1 < 2 == true", true)]
    [InlineData("event.nothing == 1 && false", false)]
    [InlineData("false && event.nothing == 1", false)]
    [InlineData("event.nothing == 1 || true", true)]
    [InlineData("9007199254740993 > 9007199254740992.0", true)]
    [InlineData("-9223372036854775808 < 0", true)]
    [InlineData("'1' == 1", false)]
    [InlineData("event.type", false)]
    public void Computes_what_the_language_says(string expression, bool value) => Assert.Equal(value, CelExpression.Parse(expression, ["event"]).Matches(Event));

    [Theory]
    [InlineData("event.nothing", "there is no member 'nothing'")]
    [InlineData("event.type.x", "a string has no members")]
    [InlineData("event.data.list[3]", "an index is outside the list")]
    [InlineData("event.data.a > 'x'", "double and string have no order")]
    [InlineData("event.data.a + 1", "'+' does not go with double and int")]
    [InlineData("!event.type", "'!' does not go with string")]
    [InlineData("event.type && true", "a string stands where true or false is needed")]
    [InlineData("event.nothing && true", "there is no member 'nothing'")]
    [InlineData("1 / 0", "'/' leaves the range of its numbers")]
    [InlineData("9223372036854775807 + 1", "'+' leaves the range of its numbers")]
    [InlineData("event.type.matches('(')", "matches() has a pattern that is not a regular expression")]
    [InlineData("int('x')", "int() cannot convert this string")]
    [InlineData("size(1)", "size() does not take int")]
    [InlineData("{1.5: 1}", "a double cannot be the key of a map")]
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
    [InlineData("'\\q'", "'\\q' is not an escape at character 2 of ''\\q''")]
    [InlineData("99999999999999999999", "a number is too large or has no digits at character 1 of '99999999999999999999'")]
    [InlineData("9223372036854775808", "an integer is too large at character 1 of '9223372036854775808'")]
    [InlineData("has(event)", "has() takes one member, such as has(event.data) at character 1 of 'has(event)'")]
    [InlineData("now()", "there is no function now() with 0 arguments, called at character 1 of 'now()'")]
    [InlineData("event.startsWith()", "there is no method startsWith() with 0 arguments, called at character 7 of 'event.startsWith()'")]
    [InlineData("for == 1", "'for' is reserved and cannot be a name at character 1 of 'for == 1'")]
    public void Tells_where_it_cannot_be_read(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(expression, ["event"])).Message);

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_end_the_process()
    {
        foreach (var (open, close) in new[] { ("(", ")"), ("[", "]"), ("!", ""), ("-", "") })
        {
            var expression = string.Concat(Enumerable.Repeat(open, 2000)) + "true" + string.Concat(Enumerable.Repeat(close, 2000));
            var exception = Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(expression, []));
            Assert.StartsWith("the expression is nested too deeply at character ", exception.Message, StringComparison.Ordinal);
        }

        Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(new string('(', 100_000), []));
        Assert.Equal(1366L, CelExpression.Parse("1" + string.Concat(Enumerable.Repeat(" +1", 1365)), []).Evaluate(static _ => null));
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
    public void Arithmetic_and_order_agree_with_those_of_the_host() => Arithmetic(3).Sample(tree =>
    {
        var read = CelExpression.Parse(tree.Text, []);
        return (long)read.Evaluate(static _ => null)! == tree.Value
            && CelExpression.Parse($"{tree.Text} <= 10", []).IsTrue(static _ => null) == (tree.Value <= 10);
    });

    [Fact]
    public void Logic_agrees_with_that_of_the_host() => Logic(4).Sample(tree => CelExpression.Parse(tree.Text, ["a"]).IsTrue(static _ => true) == tree.Value);

    [Fact]
    public void A_text_survives_quoting() => Gen.String.Sample(text =>
    {
        // Half of a surrogate pair is no text.
        var valid = string.Concat(text.EnumerateRunes());
        var quoted = "'" + string.Concat(valid.EnumerateRunes().Select(rune => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"))) + "'";
        return (string)CelExpression.Parse(quoted, []).Evaluate(static _ => null)! == valid;
    });

    private static Gen<(string Text, long Value)> Arithmetic(int depth)
    {
        var number = Gen.Long[0, 1000].Select(value => (value.ToString(CultureInfo.InvariantCulture), value));
        return depth == 0
            ? number
            : Gen.OneOf(number, Gen.Select(Gen.Char["+-*"], Arithmetic(depth - 1), Arithmetic(depth - 1), (symbol, left, right) => (
                $"({left.Text} {symbol} {right.Text})",
                symbol switch { '+' => left.Value + right.Value, '-' => left.Value - right.Value, _ => left.Value * right.Value })));
    }

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
