#!/usr/bin/python3
"""make.py: the sample input of this folder. Run it here; the same seed gives the same bytes.

    ops/sample/make.py [--out FOLDER] [--seed N]

The units are real; the people, their posts' holders and all values are made up.
"""
import argparse
import csv
import io
import pathlib
import random

PROVINCE = "94"
DISTRICTS = [("948", "Thị xã Ngã Năm"), ("945", "Huyện Cù Lao Dung"), ("947", "Huyện Mỹ Xuyên")]
COMMUNES = [  # code, name, district; those marked report in the demo
    ("31741", "Xã Tân Long", "948", True),
    ("31753", "Xã Mỹ Quới", "948", True),
    ("31633", "Xã An Thạnh 3", "945", True),
    ("31714", "Xã Thạnh Quới", "947", True),
    ("31732", "Phường 1", "948", False),
    ("31618", "Xã An Thạnh 1", "945", None),
    ("31627", "Xã Đại Ân 1", "945", None),
    ("31684", "Thị trấn Mỹ Xuyên", "947", None),
    ("31690", "Xã Đại Tâm", "947", None),
    ("31720", "Xã Gia Hòa 1", "947", None),
]
DEPARTMENTS = [("SNV", "Sở Nội vụ", True), ("STC", "Sở Tài chính", True), ("SYT", "Sở Y tế", False)]

# The leaves of soctrang-2023: those of plan 000 in its order, and one of its own for everyone.
BONUS = "B1"
COLLECTIVE = "C1.1 C1.2 C1.3 C1.4 C1.5 C2.1 C2.2 C2.3 C3 C4.1 C4.2 C5".split() + [BONUS]
INDIVIDUAL = ("I1.1 I1.2 I1.3 I1.4 I2.1 I2.2 I2.3 I3.1 I3.2 I3.3 I3.4 I4.1 I4.2 I4.3 I4.4 "
              "I5.1 I5.2 I5.3 I5.4 I5.5 I5.6 I6.1 I6.2 I6.3 I7").split() + [BONUS]
LEADER_ONLY = {"I3.4", "I4.4"}
UNIFORMED_ONLY = {"I6.3"}
# The points of the profile soctrang-2023-points, in hundredths; a leaf by itself, else its first
# letter. C2.3 has no threshold: met or not.
MET = {"C2.3"}
MAXIMUM = {"C": 800, "C2.1": 1000, "C2.2": 1000, "C3": 1000, "C4.1": 500, "C4.2": 500, "C5": 1000,
           "I": 400, "B": 500}

SURNAMES = ("Nguyễn Nguyễn Nguyễn Trần Trần Lê Lê Phạm Huỳnh Phan Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý "
            "Trương Lâm Mai Tô Châu Quách Trịnh Cao Đinh Tăng Ong Từ").split()
KHMER_SURNAMES = "Thạch Sơn Kim Danh Lâm Lý Trà Kiên".split()
MEN = ("Văn Hùng,Minh Khoa,Hoàng Phúc,Thanh Tùng,Quốc Việt,Hữu Nghĩa,Chí Công,Trung Kiên,Tấn Đạt,"
       "Công Danh,Văn Út,Phước Lộc,Nhựt Trường,Thành Nhân,Minh Luân,Hoài Nam,Văn Sáu,Đức Thịnh,"
       "Hải Đăng,Quang Vinh,Thiện Tâm,Ngọc Ẩn,Trường Giang,Bá Thọ,Văn Đực,Khánh Duy,Hồng Quân,"
       "Thái Bình,Xuân Lợi,Vũ Linh").split(",")
WOMEN = ("Thị Kim Ngân,Thị Mỹ Duyên,Thị Bích Tuyền,Ngọc Hân,Thị Thúy Kiều,Thị Cẩm Tú,Yến Nhi,"
         "Thị Hồng Nhung,Thị Diễm My,Thị Út Mười,Thị Lệ Thu,Thị Ngọc Giàu,Thị Thu Ba,Huỳnh Như,"
         "Thị Phượng Hằng,Thị Trúc Ly,Thị Mộng Tuyền,Thị Ánh Nguyệt,Kiều Oanh,Thị Tố Quyên,"
         "Thị Bé Sáu,Thị Xuân Đào,Thị Hoàng Oanh,Thị Đẹp,Mỹ Hạnh,Thị Thanh Thảo").split(",")
KHMER_MEN = "Sa Rinh,Ngọc Sang,Si Tha,Phol,Hoàng Sết,Sà Quên,Minh Đức".split(",")
KHMER_WOMEN = "Thị Sa Ry,Thị Si Phone,Thị Na Rinh,Thị Thu Hà,Thị Sà Mươl".split(",")

# Posts: what the sheet calls it, class, leader, uniformed, how likely a woman holds it.
COMMUNE_POSTS = [
    ("Bí thư Đảng ủy", "can-bo", True, False, 0.3),
    ("Chủ tịch UBND", "can-bo", True, False, 0.2),
    ("Phó Chủ tịch UBND", "can-bo", True, False, 0.4),
    ("Chủ tịch Ủy ban MTTQ Việt Nam", "can-bo", True, False, 0.4),
    ("Chủ tịch Hội Liên hiệp Phụ nữ", "can-bo", True, False, 1),
    ("Trưởng Công an", "cong-chuc", True, True, 0),
    ("Chỉ huy trưởng Ban Chỉ huy Quân sự", "cong-chuc", True, True, 0),
    ("Công chức Văn phòng – Thống kê", "cong-chuc", False, False, 0.6),
    ("Công chức Tư pháp – Hộ tịch", "cong-chuc", False, False, 0.6),
    ("Công chức Tài chính – Kế toán", "cong-chuc", False, False, 0.8),
    ("Công chức Văn hóa – Xã hội", "cong-chuc", False, False, 0.5),
    ("Văn thư – Lưu trữ", "khong-chuyen-trach", False, False, 0.9),
    ("Trưởng ấp", "truong-ap", True, False, 0.2),
    ("Phó Trưởng ấp", "pho-ap", False, False, 0.4),
]
DEPARTMENT_POSTS = [
    ("Giám đốc", "cong-chuc", True, False, 0.2),
    ("Phó Giám đốc", "cong-chuc", True, False, 0.4),
    ("Chánh Văn phòng", "cong-chuc", True, False, 0.5),
    ("Chánh Thanh tra", "cong-chuc", True, True, 0.2),
    ("Trưởng phòng", "cong-chuc", True, False, 0.4),
    ("Phó Trưởng phòng", "cong-chuc", True, False, 0.5),
    ("Chuyên viên chính", "cong-chuc", False, False, 0.5),
    ("Chuyên viên", "cong-chuc", False, False, 0.6),
    ("Chuyên viên", "cong-chuc", False, False, 0.6),
    ("Thanh tra viên", "cong-chuc", False, True, 0.4),
    ("Kế toán", "cong-chuc", False, False, 0.9),
    ("Nhân viên Văn thư – Lưu trữ", "vien-chuc", False, False, 0.9),
]
COMMUNE_BODIES = [("DU", "Đảng ủy", "co-quan-dang"), ("MT", "Ủy ban MTTQ Việt Nam", "mat-tran"),
                  ("CA", "Công an", "cong-an")]
HAMLETS = {"31741": "Ban nhân dân ấp Long Hòa", "31753": "Ban nhân dân ấp Mỹ Thành",
           "31633": "Ban nhân dân ấp An Quới", "31714": "Ban nhân dân ấp Đào Viên"}
DEPARTMENT_BODIES = {
    "SNV": [("VP", "Văn phòng Sở"), ("TTR", "Thanh tra Sở"), ("XDCQ", "Phòng Xây dựng chính quyền"),
            ("CCHC", "Phòng Cải cách hành chính")],
    "STC": [("VP", "Văn phòng Sở"), ("TTR", "Thanh tra Sở"), ("QLNS", "Phòng Quản lý ngân sách"),
            ("GCS", "Phòng Quản lý giá – công sản")],
}
NOTES = {
    "C1.3": "Quyết toán chậm 05 ngày so với quy định",
    "C2.1": "Thiếu 02 thủ tục mới công bố, đã bổ sung tháng 10/2023",
    "C2.2": "Còn 03 hồ sơ trễ hẹn trong quý II/2023",
    "C2.3": "Kế hoạch chưa ghi tỷ lệ cắt giảm",
    "C3": "Đường truyền yếu, một phần hồ sơ còn nộp giấy",
    "C4.2": "Đang sửa chữa trụ sở, hoàn thành tháng 11/2023",
    "I1.2": "Hai lần họp trễ, đã kiểm điểm trước tập thể",
    "I2.1": "Chưa hoàn thành lớp bồi dưỡng ngạch chuyên viên",
    "I3.3": "Một phản ánh của người dân, đã xin lỗi bằng văn bản",
    "I5.4": "Đã được nhắc nhở về phát ngôn trên mạng xã hội",
    "I6.1": "Nhắc nhở một lần về thẻ công chức",
}

# How each unit's office keeps its values: separator, decimal mark, BOM, line end, form.
FORMS = {
    "31741": (",", ".", False, "\n", "long"),
    "31753": (";", ",", True, "\n", "long"),
    "31633": (",", ",", False, "\r\n", "long"),
    "31714": (",", ".", False, "\n", "wide"),
    "SNV": (",", "both", False, "\n", "long"),
    "STC": (";", ",", False, "\r\n", "long"),
}
AMENDED = "SNV"


class People:
    """Names, each given out once."""

    def __init__(self, rng):
        self.rng, self.used = rng, set()

    def name(self, woman, khmer):
        """A name that nobody has; one whose given name nobody has where that is easily found."""
        surnames = KHMER_SURNAMES if khmer else SURNAMES
        givens = (KHMER_WOMEN if khmer else WOMEN) if woman else (KHMER_MEN if khmer else MEN)
        for attempt in range(1000):
            given = self.rng.choice(givens)
            name = f"{self.rng.choice(surnames)} {given}"
            if name not in self.used and (given not in self.used or attempt > 20):
                self.used |= {name, given}
                return name
        raise SystemExit("make.py: out of names")


def subjects_of(unit, is_commune, people, rng):
    """Rows code, kind, class, name, unit, leader, uniformed, position."""
    rows = []
    bodies = COMMUNE_BODIES + [("AP1", HAMLETS[unit], "ban-nhan-dan-ap")] if is_commune else \
        [(code, name, "phong-ban") for code, name in DEPARTMENT_BODIES[unit]]
    for code, name, kind in bodies:
        rows.append([code, "collective", kind, name, unit, "", "", ""])
    posts = COMMUNE_POSTS if is_commune else DEPARTMENT_POSTS
    for i, (post, kind, leader, uniformed, women) in enumerate(posts, 1):
        khmer = rng.random() < (0.3 if is_commune else 0.12)
        name = people.name(rng.random() < women, khmer)
        # The office of Thạnh Quới numbers its people 001, 002 …: codes are text.
        code = f"{i:03d}" if unit == "31714" else f"CN{i:02d}"
        rows.append([code, "individual", kind, name, unit, "yes" if leader else "no",
                     "yes" if uniformed else "no", post])
    return rows


def leaves_for(row):
    if row[1] == "collective":
        return COLLECTIVE
    return [c for c in INDIVIDUAL if (row[5] == "yes" or c not in LEADER_ONLY)
            and (row[6] == "yes" or c not in UNIFORMED_ONLY)]


def maximum(leaf):
    return MAXIMUM.get(leaf, MAXIMUM[leaf[0]])


def one_value(leaf, share, rng):
    """(value, note) of one cell; the value is in hundredths, or whether it is met."""
    if leaf in MET:
        met = rng.random() < 0.85
        return met, "" if met else NOTES[leaf]
    if leaf == BONUS:
        points = rng.choice((0,) * 7 + (200, 300, 500))
        return points, "Sáng kiến được công nhận cấp cơ sở" if points else ""
    points = int(maximum(leaf) * min(1, max(0.4, share)))
    points -= points % rng.choice((25, 50, 50, 50, 100, 100))
    return points, NOTES.get(leaf, "") if points < maximum(leaf) * 0.72 else ""


def values_of(unit, subjects, rng):
    """{(subject, criterion): (value, note)} for the unit itself and each of its subjects."""
    values = {}
    level = rng.choice((0.88, 0.92, 0.95))
    for row in [[unit, "collective", "", "", unit, "", "", ""]] + subjects:
        own = level + rng.choice((-0.06, -0.02, 0, 0, 0.03, 0.06))
        for leaf in leaves_for(row):
            share = own + rng.choice((-0.18, -0.1, -0.05, 0, 0, 0.05, 0.05, 0.1, 0.1))
            values[row[0], leaf] = one_value(leaf, share, rng)
    return values


def typed(value, mark, rng):
    """A value as the office types it."""
    if isinstance(value, bool):
        return "đạt" if value else "không đạt"
    text = f"{value / 100:.2f}".rstrip("0").rstrip(".")
    if mark == "both":
        mark = rng.choice(",.")
    return text.replace(".", mark)


def write(path, rows, separator=",", bom=False, end="\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())


def write_values(path, unit, subjects, values, rng):
    separator, mark, bom, end, form = FORMS[unit]
    if form == "wide":
        names = {unit: dict((c[0], c[1]) for c in COMMUNES)[unit], **{r[0]: r[3] for r in subjects}}
        leaves = [c for c in COLLECTIVE if c != BONUS] + INDIVIDUAL
        rows = [["subject", "name", *leaves]]
        for code, name in names.items():
            cells = [values.get((code, leaf)) for leaf in leaves]
            rows.append([code, name, *(typed(v[0], mark, rng) if v else "" for v in cells)])
    else:
        rows = [["subject", "criterion", "value", "note"]]
        for (code, leaf), (value, note) in values.items():
            rows.append([code, leaf, typed(value, mark, rng), note])
    write(path, rows, separator, bom, end)


def write_units(out):
    head = ["code", "parent", "level", "kind", "name", "group"]
    root = [PROVINCE, "", "province", "state", "Tỉnh Sóc Trăng", ""]
    offices = [[code, PROVINCE, "department", "state", name, "khoi-so"]
               for code, name, _ in DEPARTMENTS]
    write(out / "units.csv", [head, root] + [
        [code, PROVINCE, "commune", "state", name, "khoi-xa"]
        for code, name, _, now in COMMUNES if now is not None] + offices)
    districts = [[code, PROVINCE, "district", "state", name, "khoi-huyen"]
                 for code, name in DISTRICTS]
    district_offices = [
        [code + "-VP", code, "department", "state",
         "Văn phòng HĐND và UBND " + name[0].lower() + name[1:], "khoi-phong"]
        for code, name in DISTRICTS]
    write(out / "units-3-levels.csv", [head, root] + districts + [
        [code, district, "commune", "state", name, "khoi-xa"]
        for code, name, district, _ in COMMUNES] + offices + district_offices)


def amend(values, rng):
    """A few values as the office corrects them later: up where there is room, else down."""
    changed = dict(values)
    points = sorted(key for key in values if key[1] not in MET and key[1] != BONUS)
    for key in rng.sample(points, 6):
        value = values[key][0]
        changed[key] = (value + 50 if value + 50 <= maximum(key[1]) else value - 100,
                        "Điều chỉnh theo biên bản họp ngày 11/12/2023")
    return changed


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", default=pathlib.Path(__file__).resolve().parent, type=pathlib.Path)
    p.add_argument("--seed", default=2023, type=int)
    opts = p.parse_args()
    print(f"seed {opts.seed}")
    write_units(opts.out)
    people = People(random.Random(opts.seed))
    units = [(c[0], True) for c in COMMUNES if c[3]] + [(d[0], False) for d in DEPARTMENTS if d[2]]
    for unit, is_commune in units:
        rng = random.Random(f"{opts.seed}/{unit}")
        subjects = subjects_of(unit, is_commune, people, rng)
        write(opts.out / f"subjects-{unit}.csv",
              [["code", "kind", "class", "name", "unit", "leader", "uniformed", "position"],
               *subjects])
        values = values_of(unit, subjects, rng)
        write_values(opts.out / f"values-{unit}.csv", unit, subjects, values,
                     random.Random(f"{opts.seed}/{unit}/marks"))
        if unit == AMENDED:
            write_values(opts.out / f"values-{unit}-2.csv", unit, subjects, amend(values, rng),
                         random.Random(f"{opts.seed}/{unit}/marks"))


main()
