//! Partial responses: `fields=a,b(c,d/e),f/*`.

use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Debug, Default)]
struct Mask(BTreeMap<String, Self>);

/// Keeps what the `fields` parameter names; `None` when it cannot be understood.
pub(crate) fn apply_mask(value: &Value, fields: &str) -> Option<Value> {
    let chars: Vec<char> = fields.chars().collect();
    let mut at = 0;
    let mask = parse(&chars, &mut at)?;
    if at == chars.len() {
        Some(select(value, &mask))
    } else {
        None
    }
}

fn parse(chars: &[char], at: &mut usize) -> Option<Mask> {
    let mut mask = Mask::default();
    loop {
        let (name, child) = item(chars, at)?;
        mask.0.insert(name, child);
        if chars.get(*at) == Some(&',') {
            *at += 1;
        } else {
            return Some(mask);
        }
    }
}

fn item(chars: &[char], at: &mut usize) -> Option<(String, Mask)> {
    let start = *at;
    while chars
        .get(*at)
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '*' | '_' | '-'))
    {
        *at += 1;
    }
    if start == *at {
        return None;
    }
    let name: String = chars[start..*at].iter().collect();
    let child = match chars.get(*at) {
        Some('/') => {
            *at += 1;
            let (name, child) = item(chars, at)?;
            Mask(BTreeMap::from([(name, child)]))
        }
        Some('(') => {
            *at += 1;
            let inner = parse(chars, at)?;
            if chars.get(*at) != Some(&')') {
                return None;
            }
            *at += 1;
            inner
        }
        _ => Mask::default(),
    };
    Some((name, child))
}

fn select(value: &Value, mask: &Mask) -> Value {
    match value {
        _ if mask.0.is_empty() => value.clone(),
        Value::Array(items) => Value::Array(items.iter().map(|item| select(item, mask)).collect()),
        Value::Object(map) => Value::Object(
            map.iter()
                .filter_map(|(key, inner)| {
                    mask.0
                        .get(key)
                        .or_else(|| mask.0.get("*"))
                        .map(|child| (key.clone(), select(inner, child)))
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn masks_reach_into_lists_and_nests() {
        let value = json!({"a": 1, "b": [{"c": 2, "d": {"e": 3, "f": 4}}], "g": {"h": 5, "i": 6}});
        assert_eq!(
            apply_mask(&value, "a,b(c,d/e)").unwrap(),
            json!({"a": 1, "b": [{"c": 2, "d": {"e": 3}}]})
        );
        assert_eq!(
            apply_mask(&value, "g/*").unwrap(),
            json!({"g": {"h": 5, "i": 6}})
        );
        assert_eq!(apply_mask(&value, "*").unwrap(), value);
        assert!(apply_mask(&value, "a(").is_none());
        assert!(apply_mask(&value, "").is_none());
    }
}
